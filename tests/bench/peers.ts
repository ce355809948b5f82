import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { componentFile } from "./guests.ts";
import { loadCore, onPath, startServer, type Server } from "./process.ts";

const hello = "Hello, world!\n";

/** Bare `node:http`, the yardstick of all hello cases. */
export async function bareNode(folder: string, port: number, core?: string): Promise<Server> {
  const file = join(folder, "bare.mjs");
  await writeFile(
    file,
    `import http from "node:http";
http.createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": ${hello.length} });
  response.end(${JSON.stringify(hello)});
}).listen(${port}, "127.0.0.1");`,
  );
  return startServer(process.execPath, [file], port, core === undefined ? {} : { core });
}

/** The backend of all proxy cases: nginx that answers at once, on the load's core. */
export function backend(folder: string, port: number): Promise<Server> {
  return nginx(folder, port, `location / { default_type text/plain; return 200 "${hello.trim()}\\n"; }`, "", loadCore);
}

/** Answers after so many milliseconds, to some microseconds, on the load's core. */
export async function slow(folder: string, port: number, milliseconds: number): Promise<Server> {
  const program = join(folder, "slow-backend");
  await promisify(execFile)("clang", ["-O2", "-o", program, join(import.meta.dirname, "native/slow.c")]);
  return startServer(program, [String(port), String(milliseconds * 1000)], port, { core: loadCore });
}

export function nginxHello(folder: string, port: number): Promise<Server> {
  return nginx(folder, port, `location / { default_type text/plain; return 200 "${hello.trim()}\\n"; }`);
}

export async function nginxScript(folder: string, port: number): Promise<Server> {
  const file = join(folder, "hello.js");
  await writeFile(
    file,
    `function hello(r) { r.headersOut["content-type"] = "text/plain"; r.return(200, ${JSON.stringify(hello)}); }
export default { hello };`,
  );
  return nginx(folder, port, "location / { js_content main.hello; }", `js_import main from ${file};`);
}

export function nginxProxy(folder: string, port: number, upstream: number): Promise<Server> {
  return nginx(
    folder,
    port,
    `location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }`,
    `upstream backend { server 127.0.0.1:${upstream}; keepalive 64; }`,
  );
}

/** A backend that serves four requests at a time, each for ten milliseconds, and lets the others wait; on the load's core. */
export async function slowBackend(folder: string, port: number): Promise<Server> {
  const file = join(folder, "slow.mjs");
  await writeFile(
    file,
    `import http from "node:http";
let busy = 0;
const waiting = [];
http.createServer((request, response) => {
  const serve = () => {
    busy++;
    setTimeout(() => {
      busy--;
      response.end("ok");
      waiting.shift()?.();
    }, 10);
  };
  if (busy < 4) serve();
  else waiting.push(serve);
}).listen(${port}, "127.0.0.1");`,
  );
  return startServer(process.execPath, [file], port, { core: loadCore });
}

/** A proxy of large bodies that passes them on as they come, without files. */
export function nginxStreams(folder: string, port: number, upstream: number): Promise<Server> {
  return nginx(
    folder,
    port,
    `location / { proxy_pass http://127.0.0.1:${upstream}; proxy_http_version 1.1; proxy_max_temp_file_size 0; }`,
  );
}

/** Serves files of a folder, on the load's core. */
export function nginxFiles(folder: string, port: number): Promise<Server> {
  return nginx(folder, port, `location / { root ${folder}; sendfile on; }`, "", loadCore);
}

/** Bare `node:tls` or `node:http2` with the same answer: what Node itself costs. */
export async function bareSecure(
  folder: string,
  port: number,
  pair: { certificate: string; key: string },
  protocol: "tls" | "http2",
): Promise<Server> {
  const file = join(folder, `bare-${protocol}.mjs`);
  const options = `{ cert: readFileSync(${JSON.stringify(pair.certificate)}), key: readFileSync(${JSON.stringify(pair.key)}) }`;
  const body = JSON.stringify(hello);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${hello.length}\r\nconnection: close\r\n\r\n`;
  const servers = {
    tls: `tls.createServer(${options}, (socket) => {
  socket.on("error", () => {}).once("data", () => socket.end(${JSON.stringify(head)} + ${body}));
})`,
    http2: `http2.createSecureServer(${options}).on("stream", (stream) => {
  stream.on("error", () => {}).respond([":status", "200", "content-type", "text/plain", "content-length", "${hello.length}"]);
  stream.end(${body});
})`,
  };
  await writeFile(
    file,
    `import { readFileSync } from "node:fs"; import tls from "node:tls"; import http2 from "node:http2";
${servers[protocol]}.listen(${port}, "127.0.0.1");`,
  );
  return startServer(process.execPath, [file], port);
}

/** TLS 1.3 and HTTP/2; two tickets a handshake, as Node sends them too. */
export function nginxTls(folder: string, port: number, pair: { certificate: string; key: string }): Promise<Server> {
  return nginx(
    folder,
    port,
    `ssl_certificate ${pair.certificate}; ssl_certificate_key ${pair.key};
     location / { default_type text/plain; return 200 "${hello.trim()}\\n"; }`,
    "",
    undefined,
    " ssl http2",
  );
}

async function nginx(
  folder: string,
  port: number,
  location: string,
  http = "",
  core?: string,
  protocols = "",
): Promise<Server> {
  const home = join(folder, `nginx-${port}`);
  await mkdir(home, { recursive: true });
  const file = join(home, "nginx.conf");
  const script = http.includes("js_import") ? "load_module /usr/lib/nginx/modules/ngx_http_js_module.so;" : "";
  await writeFile(
    file,
    `${script}
daemon off; master_process off; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log;
worker_rlimit_nofile 65536;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path ${home}/b; proxy_temp_path ${home}/p; fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  ${http}
  server { listen 127.0.0.1:${port}${protocols}; ${location} }
}`,
  );
  return startServer(
    "nginx",
    ["-p", home, "-c", file, "-e", join(home, "start.log")],
    port,
    core === undefined ? {} : { core },
  );
}

/**
 * `wasmtime serve` with the same component as ours, on the same core. @param reuse requests that one instance may serve; undefined: what it does by
 * itself, which is one for WASI 0.2. Undefined where it is not installed.
 */
export async function wasmtime(
  folder: string,
  port: number,
  guest: string,
  reuse?: number,
): Promise<Server | undefined> {
  if (!(await onPath("wasmtime"))) return undefined;
  const flags = reuse === undefined ? [] : [`--max-instance-reuse-count=${reuse}`];
  const file = await componentFile(folder, guest);
  return startServer("wasmtime", ["serve", ...flags, "-Scli", "--addr", `127.0.0.1:${port}`, file], port);
}
