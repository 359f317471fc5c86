import { expect, test } from "vitest";
import { Line, Turns } from "../../src/bridge/turns.ts";

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
  const take = (key: string, work: () => Promise<string>) => turns.inLine(key, (line) => line.take(work));
  const done = [take("a", first.work), take("a", second.work), take("b", other.work)];
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
  const line = new Line();
  const log: string[] = [];
  const [broken, next] = [job(log, "broken"), job(log, "next")];
  const failed = expect(line.take(broken.work)).rejects.toThrow("broken");
  const done = line.take(next.work);
  broken.fail();
  next.end();
  await failed;
  expect(await done).toBe("next");
});
