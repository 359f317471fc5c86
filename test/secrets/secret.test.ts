import assert from "node:assert";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";

const VALUE = "s3cret-value";
const secret = new Secret(VALUE);
const nested = { list: [secret], map: new Map([["key", { secret }]]), secret };

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return inspect(error, { showHidden: true, depth: null });
  }
  throw new Error("It did not fail.");
}

/** What a console of its own writes. */
function printed(): string {
  let text = "";
  const stdout = new Writable({
    write(piece, _, done) {
      text += String(piece);
      done();
    },
  });
  const own = new Console({ stdout, stderr: stdout });
  own.log(secret, nested, `${secret}`, "%s %o %O %j", secret, secret, secret, secret);
  own.dir(nested, { showHidden: true, depth: null });
  own.table([nested]);
  own.error(new Error("wrong", { cause: nested }));
  return text;
}

function logged(): string {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  logger.info({ secret, nested }, "kept %s %o %j", secret, secret, secret);
  logger.error(Object.assign(new Error(`wrong: ${secret}`), { secret }));
  logger.child({ secret }).warn(nested);
  return lines.join("");
}

test("is revealed where that is asked for", () => {
  expect(secret.reveal()).toBe(VALUE);
});

test.each<[string, () => string]>([
  ["JSON", () => JSON.stringify(nested)],
  ["a template", () => `${secret} ${[secret]} ${String(secret)} ${"".concat(secret.toString())}`],
  ["inspect", () => inspect(nested, { showHidden: true, depth: null, getters: true })],
  ["format", () => format("%s %o %O %j %d", secret, secret, secret, secret, secret)],
  ["a console", printed],
  ["a log line", logged],
  ["an error", () => inspect(new Error(`wrong: ${secret}`, { cause: nested }), { showHidden: true })],
])("shows as a word in %s", (_, text) => {
  expect(text()).toContain("[secret]");
  expect(text()).not.toContain(VALUE);
});

test("shows nothing without its own ways of showing itself", () => {
  const bare = inspect(nested, { customInspect: false, showHidden: true, depth: null });
  expect(bare).toContain("Secret {}");
  expect(bare).not.toContain(VALUE);
});

test("shows nothing in a failed assertion", () => {
  const message = messageOf(() => assert.deepStrictEqual(nested, { secret: null }));
  expect(message).toContain("Secret {}");
  expect(message).not.toContain(VALUE);
});

test("has no property to list or copy", () => {
  expect(Reflect.ownKeys(secret)).toEqual([]);
  expect({ ...secret }).toEqual({});
});

test("stays behind where it is cloned or sent", () => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage({ secret });
  const sent = receiveMessageOnPort(port2);
  port1.close();
  expect(sent).toEqual({ message: { secret: {} } });
  expect(structuredClone({ secret })).toEqual({ secret: {} });
  expect(serialize({ secret }).includes(VALUE)).toBe(false);
  expect(deserialize(serialize({ secret }))).toEqual({ secret: {} });
});

test.each([
  ["the whole of it", "client_secret s3cr3t-Value-42 is wrong", true],
  ["a part of it", "…t-value-4… is wrong", true],
  ["nothing of it", "the client is unknown", false],
])("a text with %s is told", (_, text, shows) => {
  expect(new Secret("s3cr3t-Value-42").showsIn(text)).toBe(shows);
});
