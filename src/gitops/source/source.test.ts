import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFolder } from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "source-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text = "apiVersion: v1\nkind: Namespace\nmetadata: { name: x }\n"): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function read() {
  const { files, problems, sources } = await readFolder(folder);
  return {
    files: files.map(({ path }) => path),
    problems: problems.map(({ code, file }) => `${code} ${file}`),
    sources,
  };
}

test("reads YAML and JSON recursively, in stable order, without dot-folders and build output", async () => {
  const wanted = ["a.yaml", "b.yml", "c.json", "deep/er/d.yaml"];
  const unwanted = [
    ".git/x.yaml",
    ".hidden.yaml",
    "node_modules/p/x.yaml",
    "pnpm-lock.yaml",
    "dist/x.yaml",
    "deep/target/x.yaml",
    "x.txt",
  ];
  for (const path of [...wanted, ...unwanted].toReversed()) await put(path);
  expect(await read()).toEqual({ files: wanted, problems: [], sources: [] });
});

test("leaves out folders that a source or a build annotation names, from wherever they are named", async () => {
  await put("site.yaml", component("./auth"));
  await put("k8s/app.yaml", workload("../app"));
  await put("auth/values.yaml");
  await put("auth/broken.yaml", "a: b: c");
  await put("app/deep/ci.yaml");
  await put("k8s/other.yaml");
  expect(await read()).toEqual({
    files: ["k8s/app.yaml", "k8s/other.yaml", "site.yaml"],
    problems: [],
    sources: ["app", "auth"],
  });
});

test("a folder that names itself, or is named only from inside another, stays readable", async () => {
  await put("a/site.yaml", component("."));
  await put("auth.yaml", component("./auth"));
  await put("auth/fixture.yaml", component("../k8s"));
  await put("k8s/x.yaml");
  expect((await read()).files).toEqual(["a/site.yaml", "auth.yaml", "k8s/x.yaml"]);
});

test("Kustomize and Helm folders are one clear problem each, and not read", async () => {
  await put("kustomize/kustomization.yaml", "resources: [a.yaml]");
  await put("kustomize/a.yaml");
  await put("chart/Chart.yaml", "apiVersion: v2\nname: x");
  await put("chart/templates/a.yaml", "{{ .Values }}");
  await put("a.yaml");
  expect(await read()).toEqual({
    files: ["a.yaml"],
    problems: ["not-supported chart/Chart.yaml", "not-supported kustomize/kustomization.yaml"],
    sources: [],
  });
});

test("links stay inside: outside is a problem, loops end, nothing is read twice", async () => {
  const outside = await mkdtemp(join(tmpdir(), "outside-"));
  try {
    await writeFile(join(outside, "o.yaml"), "a: 1");
    await put("real/a.yaml");
    await put("..data/b.yaml");
    await symlink(join(outside, "o.yaml"), join(folder, "file.yaml"));
    await symlink(outside, join(folder, "folder"));
    await symlink("/etc/passwd", join(folder, "passwd.txt"));
    await symlink("..", join(folder, "real/loop"));
    await symlink("real", join(folder, "again"));
    await symlink("a.yaml", join(folder, "real/same.yaml"));
    await symlink("..data/b.yaml", join(folder, "b.yaml"));
    await symlink("nowhere", join(folder, "gone.yaml"));
    await symlink("self.yaml", join(folder, "self.yaml"));
    const { files, problems } = await read();
    expect(files).toEqual(["b.yaml", "real/a.yaml"]);
    expect(problems.toSorted()).toEqual([
      "escapes-folder file.yaml",
      "escapes-folder folder",
      "file-unreadable gone.yaml",
      "file-unreadable self.yaml",
    ]);
  } finally {
    await rm(outside, { recursive: true });
  }
});

test("too large, unreadable and special files are problems; the rest is read", async () => {
  await put("a.yaml");
  await put("large.yaml", " ".repeat(5 * 1024 * 1024 + 1));
  await put("secret.yaml");
  await chmod(join(folder, "secret.yaml"), 0);
  await mkdir(join(folder, "folder.yaml"));
  const { files, problems } = await read();
  // Root reads everything.
  const isRoot = process.getuid?.() === 0;
  expect(files).toEqual(isRoot ? ["a.yaml", "secret.yaml"] : ["a.yaml"]);
  expect(problems).toEqual(["file-too-large large.yaml", ...(isRoot ? [] : ["file-unreadable secret.yaml"])]);
});

test("the number of files is limited", async () => {
  for (let index = 0; index < 20; index++) await put(`f${index}.yaml`);
  const few = await readFolder(folder, { files: 10, entries: 100, bytes: 1e6 });
  expect(few.files).toHaveLength(10);
  expect(few.problems.map(({ code }) => code)).toEqual(["too-many-files"]);
  const small = await readFolder(folder, { files: 100, entries: 100, bytes: 200 });
  expect(small.files).toHaveLength(4);
  expect(small.problems.map(({ code, file }) => `${code} ${file}`)).toEqual(["too-many-files f11.yaml"]);
});

test("a folder that is not there is a problem, not an exception", async () => {
  await rename(folder, `${folder}-moved`);
  expect(await read()).toEqual({ files: [], problems: ["file-unreadable ."], sources: [] });
  await rename(`${folder}-moved`, folder);
});

function component(source: string): string {
  // Of two resources with one name only the first counts.
  const name = `c${source.replaceAll(/[^a-z0-9]/g, "")}`;
  return `apiVersion: bandstand.dev/v1alpha1\nkind: WasmComponent\nmetadata: { name: ${name} }\nspec: { source: ${source} }\n`;
}

function workload(context: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: a, annotations: { bandstand.dev/build: ${context} } }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec: { containers: [{ name: a, image: localhost/a }] }
`;
}

test("what is no file is called by its name, with a remedy that fits", async () => {
  execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(join(folder, "socket.json"), resolve));
  await mkdir(join(folder, "folder.yaml"));
  await symlink("nowhere", join(folder, "dead.yaml"));
  await symlink("self.yaml", join(folder, "self.yaml"));
  const { problems } = await readFolder(folder);
  await new Promise((resolve) => socket.close(resolve));
  expect(problems.map(({ file, message, remedy }) => `${file}: ${message}. ${remedy}`).toSorted()).toEqual([
    "dead.yaml: the link leads to nothing. Let it lead to a file of the site, or remove it.",
    "pipe.yaml: it is a named pipe: expected a file. Remove it, or give it a name that does not end in .yaml, .yml or .json.",
    "self.yaml: the link leads back to itself. Let it lead to a file or folder of the site, or remove it.",
    "socket.json: it is a socket: expected a file. Remove it, or give it a name that does not end in .yaml, .yml or .json.",
  ]);
});
