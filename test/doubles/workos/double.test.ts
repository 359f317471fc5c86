import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startWorkosDouble, type WorkosDouble } from "./double.ts";
import type { GivenOptions } from "./options.ts";

async function start(options: GivenOptions = {}) {
  const double = await startWorkosDouble({ options });
  onTestFinished(() => double.close());
  const call = (method: string, path: string, body?: unknown) => callAt(double, method, path, body);
  return { double, call };
}

async function callAt(at: Pick<WorkosDouble, "url" | "key">, method: string, path: string, body?: unknown) {
  const init = { method, headers: { authorization: `Bearer ${at.key}` } };
  const url = `${at.url}/user_management/users${path}`;
  const answer = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  const text = await answer.text();
  return {
    status: answer.status,
    retryAfter: answer.headers.get("retry-after"),
    body: text === "" ? null : JSON.parse(text),
  };
}

const people = (count: number) => Array.from({ length: count }, (_, n) => ({ email: `p${n}@example.com` }));
const page = z.object({
  data: z.array(z.object({ id: z.string(), email: z.string() })),
  list_metadata: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }),
});

test("pages forward and back over gaps", async () => {
  const { double, call } = await start();
  const seeded = double.seed(people(7));
  await call("DELETE", `/${seeded[2]?.id}`);
  const read = async (query: string) => {
    const { data, list_metadata } = page.parse((await call("GET", `?limit=2&${query}`)).body);
    return { emails: data.map((user) => user.email.slice(0, 2)), ...list_metadata };
  };
  const id = (n: number) => seeded[n]?.id;
  expect(await read("order=asc")).toEqual({ emails: ["p0", "p1"], before: null, after: id(1) });
  expect(await read(`order=asc&after=${id(1)}`)).toEqual({
    emails: ["p3", "p4"],
    before: id(3),
    after: id(4),
  });
  expect(await read(`order=asc&after=${id(2)}`)).toMatchObject({ emails: ["p3", "p4"] });
  expect(await read(`order=asc&after=${id(4)}`)).toEqual({
    emails: ["p5", "p6"],
    before: id(5),
    after: null,
  });
  expect(await read(`order=asc&before=${id(4)}`)).toEqual({
    emails: ["p1", "p3"],
    before: id(1),
    after: id(3),
  });
  expect(await read("")).toEqual({ emails: ["p6", "p5"], before: null, after: id(5) });
});

test.each([
  { path: "?limit=0" },
  { path: "?limit=101" },
  { path: "?after=user_nobody" },
  { path: "?total=true" },
])("refuses the query $path", async ({ path }) => {
  const { call } = await start();
  expect((await call("GET", path)).status).toBe(422);
});

test("the normal order is the descending one with its cursors the other way round", async () => {
  const { double, call } = await start();
  const [a, b, c, d] = double.seed(people(4)).map(({ id }) => id);
  const read = async (query: string) => {
    const { data, list_metadata } = (await call("GET", `?limit=2&order=normal${query}`)).body;
    return { ids: data.map(({ id }: { id: string }) => id), ...list_metadata };
  };
  expect(await read("")).toEqual({ ids: [d, c], before: c, after: null });
  expect(await read(`&before=${c}`)).toEqual({ ids: [b, a], before: null, after: b });
  expect(await read(`&after=${b}`)).toMatchObject({ ids: [d, c] });
});

test("addresses are unique whatever their case", async () => {
  const { call } = await start();
  expect((await call("POST", "", { email: "ada@example.com" })).status).toBe(201);
  expect(await call("POST", "", { email: "ADA@example.com" })).toMatchObject({
    status: 400,
    body: { code: "user_creation_error", errors: [{ code: "email_not_available" }] },
  });
});

test("an external id is unique, also while hidden", async () => {
  const { double, call } = await start({ lookupLagMs: 60_000 });
  await call("POST", "", { email: "a@example.com", external_id: "x" });
  expect(await call("POST", "", { email: "b@example.com", external_id: "x" })).toMatchObject({
    status: 400,
    body: { errors: [{ code: "external_id_already_used" }] },
  });
  expect((await call("GET", "/external_id/x")).status).toBe(404);
  expect((await call("GET", "?email=a@example.com")).body.data).toEqual([]);
  expect((await call("GET", "")).body.data).toEqual([]);
  expect(double.state().createdByExternalId).toEqual({ x: 1 });
});

test("a freed address and external id are taken again", async () => {
  const { double, call } = await start();
  const ada = { email: "ada@example.com", external_id: "x" };
  const { body } = await call("POST", "", ada);
  await call("DELETE", `/${body.id}`);
  expect((await call("POST", "", ada)).status).toBe(201);
  expect(double.state().createdByExternalId).toEqual({ x: 2 });
});

test("metadata merges, and null removes a key", async () => {
  const { double, call } = await start();
  const [user] = double.seed([{ email: "a@example.com", metadata: { a: "1", b: "2" } }]);
  const { body } = await call("PUT", `/${user?.id}`, { metadata: { a: null, c: "3" } });
  expect(body.metadata).toEqual({ b: "2", c: "3" });
});

test("limits slide, writes and reads apart", async () => {
  const { call } = await start({ limitScale: 2 / 500 });
  const create = (n: number) => call("POST", "", { email: `p${n}@example.com` });
  expect([(await create(1)).status, (await create(2)).status]).toEqual([201, 201]);
  expect(await create(3)).toMatchObject({
    status: 429,
    retryAfter: expect.stringMatching(/^([5-9]|10)$/),
    body: { message: expect.any(String) },
  });
  const reads = [];
  for (let n = 0; n < 5; n += 1) reads.push((await call("GET", "")).status);
  expect(reads).toEqual([200, 200, 200, 200, 429]);
});

test("runs as a process with control endpoints", async () => {
  const main = new URL("./main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "--options", '{"key":"sk_test_main"}'], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const at = z.object({ url: z.string(), key: z.string(), clientId: z.string() }).parse(JSON.parse(line));
  expect(at.key).toBe("sk_test_main");
  const control = (path: string, body?: unknown) =>
    fetch(
      `${at.url}/__double/${path}`,
      body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
    );
  expect((await control("users", [{ email: "ada@example.com" }])).status).toBe(200);
  expect((await control("users", [{ mail: "ada@example.com" }])).status).toBe(400);
  expect(await (await control("users")).json()).toMatchObject([{ email: "ada@example.com" }]);
  expect((await control("options", { key: "other" })).status).toBe(200);
  expect((await control("options", { kee: "other" })).status).toBe(400);
  expect((await callAt(at, "GET", "")).status).toBe(401);
  expect(await (await control("journal?since=0")).json()).toMatchObject([
    { operation: "listUsers", status: 401 },
  ]);
  expect(await (await control("state")).json()).toMatchObject({ createdByExternalId: {} });
});
