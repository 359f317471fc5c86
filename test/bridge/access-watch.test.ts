import { expect, test } from "vitest";
import { AccessWatch } from "../../src/bridge/access-watch.ts";
import { setUp } from "../destinations/workos-setup.ts";

const MINUTE_MS = 60_000;

test("that WorkOS takes the key is asked anew once nothing has said so for some minutes", async () => {
  const { double, workos, calls } = await setUp();
  let nowMs = 0;
  const watch = new AccessWatch({
    destination: workos,
    count: () => {},
    onUnproven: () => {},
    nowMs: () => nowMs,
  });
  await watch.look();
  expect(watch.word).toBe("ok");
  const asked = calls().length;
  double.setOptions({ key: "sk_test_rotated" });
  nowMs = MINUTE_MS;
  await watch.look();
  expect({ word: watch.word, calls: calls().length }).toEqual({ word: "ok", calls: asked });
  nowMs = 3 * MINUTE_MS;
  await watch.look();
  expect(watch.word).toBe("unauthorized");
});
