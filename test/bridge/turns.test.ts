import { expect, test } from "vitest";
import { Turns } from "../../src/bridge/turns.ts";

function job(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = () => {
    log.push(name);
    return promise;
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test("what has one key comes one after the other, and the rest at once", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const [first, second, other] = [job(log, "first"), job(log, "second"), job(log, "other")];
  const done = [turns.take("a", first.work), turns.take("a", second.work), turns.take("b", other.work)];
  expect(log).toEqual(["first", "other"]);
  first.end();
  await done[0];
  await Promise.resolve();
  expect(log).toEqual(["first", "other", "second"]);
  second.end();
  other.end();
  expect(await Promise.all(done)).toEqual(["first", "second", "other"]);
});

test("work that fails fails nobody else's", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const [broken, next] = [job(log, "broken"), job(log, "next")];
  const failed = expect(turns.take("a", broken.work)).rejects.toThrow("broken");
  const done = turns.take("a", next.work);
  broken.fail();
  next.end();
  await failed;
  expect(await done).toBe("next");
});
