import { expect, test } from "vitest";
import type { Opened } from "../../src/domain/contract.ts";
import type { Phase } from "../../src/domain/phases.ts";
import { secondsLeft } from "../../src/workflows/seconds-left.ts";
import { freshState } from "../../src/workflows/state.ts";
import { OPENED } from "./opened.ts";

function left(phase: Phase, opened: Opened = OPENED): number | null {
  const totals = { [phase]: { done: 400, failed: 50, skipped: 50, of: 2_500 } };
  return secondsLeft({ ...freshState(), opened, phase, totals });
}

test("the time that is left counts calls, however many people one takes", () => {
  expect(left("users")).toBe(200);
  const itemsPerCall = { credentials: 1, structure: 1, users: 100, memberships: 10 };
  expect(left("users", { ...OPENED, itemsPerCall })).toBe(2);
  expect(left("memberships", { ...OPENED, itemsPerCall })).toBe(20);
  expect(left("resets", { ...OPENED, itemsPerCall })).toBe(200);
  expect(left("credentials", { ...OPENED, itemsPerCall })).toBeNull();
});
