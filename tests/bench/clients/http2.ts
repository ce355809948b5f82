import { connect, type ClientHttp2Session } from "node:http2";

/** HTTP/2 requests over TLS: so many sessions, each with so many streams at once. */
export async function http2({
  port,
  seconds,
  sessions,
  streams,
}: Record<"port" | "seconds" | "sessions" | "streams", number>) {
  const began = performance.now();
  const end = began + seconds * 1000;
  let requests = 0;
  let failed = 0;
  const one = (session: ClientHttp2Session): Promise<void> =>
    new Promise((resolve) => {
      const stream = session.request({ ":path": "/" });
      let status = 0;
      stream.on("response", (headers) => (status = Number(headers[":status"])));
      stream
        .on("error", () => {})
        .on("close", () => {
          if (status === 200) requests++;
          else failed++;
          resolve();
        });
      stream.resume();
    });
  const session = async (): Promise<void> => {
    const own = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    own.on("error", () => {});
    const client = async (): Promise<void> => {
      while (performance.now() < end && !own.destroyed) await one(own);
    };
    await Promise.all(Array.from({ length: streams }, client));
    own.destroy();
  };
  await Promise.all(Array.from({ length: sessions }, session));
  return { requests, failed, seconds: (performance.now() - began) / 1000 };
}
