import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFileStore } from "../../src/secrets/file-store.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { withoutPermission } from "../setup/without-permission.ts";
import type { Task } from "./other-process.ts";
import { DONE, expectOnlyOverExpected, kept, NAME, put, shown } from "./rig.ts";

function freshStore() {
  const path = join(freshFolder(), "secrets.json");
  return { path, store: createFileStore(path) };
}

async function forked(path: string, task: Task, name = "") {
  const child = fork(join(import.meta.dirname, "other-process.ts"), [path, task, name], { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

async function endOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, "exit");
  return code;
}

test("gives back what was put, and null for other names", async () => {
  const { store } = freshStore();
  expect(await store.get(NAME)).toEqual(DONE);
  expect(await put(store, NAME, kept("s3cret"))).toEqual(DONE);
  expect(shown(await store.get(NAME))).toEqual({
    clientId: "client_01",
    clientSecret: "s3cret",
    secretId: "secret_01",
  });
  expect(await store.get("constructor")).toEqual(DONE);
});

test("replaces an earlier secret and keeps its neighbours", async () => {
  const { store, path } = freshStore();
  await put(store, "pool/other", kept("neighbour"));
  await put(store, NAME, kept("old"));
  await put(store, NAME, kept("new"));
  expect(shown(await store.get("pool/other"))).toMatchObject({ clientSecret: "neighbour" });
  expect(JSON.parse(readFileSync(path, "utf8"))[NAME]).toEqual({
    clientId: "client_01",
    clientSecret: "new",
    secretId: "secret_01",
    writtenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

test("leaves one file for its owner and an empty lock", async () => {
  const { store, path } = freshStore();
  await put(store, NAME, kept("s3cret"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(path, ".."))).toEqual(["secrets.json", "secrets.json.lock"]);
  expect(statSync(`${path}.lock`).size).toBe(0);
});

test("names its file as operators know it", () => {
  expect(createFileStore("spillway-secrets.json").place).toBe("the file spillway-secrets.json");
});

test("a check leaves nothing, and the secrets as they are", async () => {
  const { store, path } = freshStore();
  expect(await Promise.all([store.check(), store.check()])).toEqual([DONE, DONE]);
  expect(readdirSync(join(path, ".."))).toEqual([]);
  await put(store, NAME, kept("s3cret"));
  const before = [readFileSync(path, "utf8"), statSync(path).ino];
  expect(await store.check()).toEqual(DONE);
  expect([readFileSync(path, "utf8"), statSync(path).ino]).toEqual(before);
  expect(readdirSync(join(path, ".."))).toEqual(["secrets.json", "secrets.json.lock"]);
});

test("a check takes nothing away that a put is writing", async () => {
  const { store, path } = freshStore();
  writeFileSync(`${path}.tmp`, '{"half');
  expect(await store.check()).toEqual(DONE);
  expect(readFileSync(`${path}.tmp`, "utf8")).toBe('{"half');
});

test("writes over what a dead process left half-written", async () => {
  const { store, path } = freshStore();
  writeFileSync(`${path}.tmp`, '{"half');
  expect(await put(store, NAME, kept("s3cret"))).toEqual(DONE);
  expect(existsSync(`${path}.tmp`)).toBe(false);
});

test("puts of one process at once lose nothing", async () => {
  const { store, path } = freshStore();
  const names = Array.from({ length: 20 }, (_, index) => `pool/${index}`);
  const answers = await Promise.all(names.map((name) => put(createFileStore(path), name, kept(name))));
  expect(answers).toEqual(names.map(() => DONE));
  for (const name of names) expect(shown(await store.get(name))).toMatchObject({ clientSecret: name });
});

test("two processes that write at once lose nothing", async () => {
  const { store, path } = freshStore();
  const children = [await forked(path, "put", "one"), await forked(path, "put", "two")];
  const ends = children.map(endOf);
  for (const child of children) child.send("go");
  expect(await Promise.all(ends)).toEqual([0, 0]);
  expect(Object.keys(JSON.parse(readFileSync(path, "utf8")))).toHaveLength(100);
  for (const name of ["one", "two"])
    for (let number = 1; number <= 50; number += 1)
      expect(shown(await store.get(`${name}/${number}`))).toMatchObject({
        clientSecret: `secret of ${name} ${number}`,
      });
});

test("waits for a process that holds the lock, and not for a dead one", async () => {
  const { store, path } = freshStore();
  const child = await forked(path, "hold");
  const held = once(child, "message");
  child.send("go");
  expect((await held)[0]).toBe("held");
  const sentence = `Another process holds the lock ${path}.lock; try again when it is done.`;
  expect(await put(createFileStore(path, 50), NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  expect(existsSync(path)).toBe(false);
  const ended = endOf(child);
  const putting = put(store, NAME, kept("s3cret"));
  child.kill("SIGKILL");
  await ended;
  expect(await putting).toEqual(DONE);
});

test.each(["640", "604", "660", "601"])("refuses a file of mode %s and leaves it alone", async (digits) => {
  const mode = Number.parseInt(digits, 8);
  const { store, path } = freshStore();
  writeFileSync(path, "{}\n");
  chmodSync(path, mode);
  const sentence = `The file ${path} is open to others (mode 0${digits}); close it with \`chmod 600 ${path}\`.`;
  expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  expect(await store.get(NAME)).toEqual({ ok: false, sentence });
  expect(await store.check()).toEqual({ ok: false, sentence });
  expect(readFileSync(path, "utf8")).toBe("{}\n");
});

test.each(["", "{", "[]", '{"a":{"clientSecret":"leak-me"}}', '{"a":"leak-me"}'])(
  "never overwrites what it cannot read: %j",
  async (text) => {
    const { store, path } = freshStore();
    writeFileSync(path, text, { mode: 0o600 });
    const sentence = `The file ${path} is not one of Spillway's secrets; mend it, or name another in SPILLWAY_SECRETS.`;
    expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
    expect(await store.check()).toEqual({ ok: false, sentence });
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

test("refuses a folder that is not there", async () => {
  const folder = join(freshFolder(), "missing");
  const store = createFileStore(join(folder, "secrets.json"));
  const sentence = `There is no folder ${folder} for the secrets; make it, or check SPILLWAY_SECRETS.`;
  expect(await store.check()).toEqual({ ok: false, sentence });
  expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  expect(existsSync(folder)).toBe(false);
});

test("refuses a folder that cannot be written", async () => {
  const store = createFileStore("/proc/secrets.json");
  const why = "it does not exist, or a folder on its path does not";
  expect(await store.check()).toEqual({
    ok: false,
    sentence: `The secrets in /proc/secrets.json cannot be read or written: ${why}; check SPILLWAY_SECRETS.`,
  });
  expect(await put(store, NAME, kept("s3cret"))).toEqual({
    ok: false,
    sentence: `The lock /proc/secrets.json.lock cannot be written: ${why}; check SPILLWAY_SECRETS.`,
  });
});

test("says that a folder or a file is not permitted", async () => {
  const { store, path } = freshStore();
  const sentence = expect.stringContaining("this user has no permission for it, or for a folder on its path");
  await withoutPermission(join(path, ".."), async () => {
    expect(await store.check()).toEqual({ ok: false, sentence });
    expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  });
  chmodSync(join(path, ".."), 0o777);
  writeFileSync(path, "{}");
  await withoutPermission(path, async () => {
    expect(await store.get(NAME)).toEqual({ ok: false, sentence });
    expect(await store.check()).toEqual({ ok: false, sentence });
  });
});

test("refuses a lock that is a pipe, without waiting for it", async () => {
  const { store, path } = freshStore();
  execFileSync("mkfifo", [`${path}.lock`]);
  const answer = await put(store, NAME, kept("s3cret"));
  expect(answer).toMatchObject({ ok: false, sentence: expect.stringContaining(`${path}.lock cannot be`) });
});

test("refuses a path below a file", async () => {
  const path = join(freshFolder(), "file");
  writeFileSync(path, "");
  const answer = await createFileStore(join(path, "secrets.json")).put(NAME, kept("s3cret"), null);
  expect(answer).toMatchObject({
    ok: false,
    sentence: expect.stringContaining("something on its path is no folder"),
  });
});

test("refuses a folder in the file's place", async () => {
  const { store, path } = freshStore();
  mkdirSync(path);
  const sentence = `${path} is not a file; name one in SPILLWAY_SECRETS.`;
  expect(await store.check()).toEqual({ ok: false, sentence });
});

test("refuses a link instead of replacing it", async () => {
  const { store, path } = freshStore();
  const target = `${path}.real`;
  writeFileSync(target, "{}", { mode: 0o600 });
  symlinkSync(target, path);
  const sentence = `${path} is a link; name the file itself in SPILLWAY_SECRETS.`;
  expect(await put(store, NAME, kept("s3cret"))).toEqual({ ok: false, sentence });
  expect(readFileSync(target, "utf8")).toBe("{}");
});

test("refuses a lock that is some other file", async () => {
  const { store, path } = freshStore();
  writeFileSync(`${path}.lock`, "not a database, whatever it is: ".repeat(40));
  const answer = await put(store, NAME, kept("s3cret"));
  expect(answer).toMatchObject({ ok: false, sentence: expect.stringMatching(/remove the file\.$/) });
  expect(existsSync(path)).toBe(false);
});

test("a secret goes over the one that is expected, and no other", async () => {
  await expectOnlyOverExpected(freshStore().store);
});
