import { expect, test } from "vitest";
import { ProgressRows } from "../../src/commands/progress-rows.ts";

/** What the second look says, so much later, where so many more are through. */
function secondLook(more: number, afterMs: number, isStill: boolean): string | undefined {
  const rows = new ProgressRows();
  const totals = (done: number) => ({ resets: { done, failed: 0, skipped: 0, of: 262 } });
  rows.of(totals(10), ["resets"], false, 0);
  return rows.of(totals(10 + more), ["resets"], isStill, afterMs)[0]?.text;
}

test("a run that waits for tomorrow tells no time that is left at today's rate", () => {
  expect(secondLook(4, 2_000, false)).toBe("14 of 262, 2/s, 3 min left");
  expect(secondLook(4, 2_000, true)).toBe("14 of 262");
});

test("a rate below one a second is told as it is", () => {
  expect(secondLook(1, 10_000, false)).toMatch(/^11 of 262, 0\.1\/s, /);
  expect(secondLook(3, 4_000, false)).toMatch(/^13 of 262, 0\.8\/s, /);
});
