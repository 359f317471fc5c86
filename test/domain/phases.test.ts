import { expect, test } from "vitest";
import { ITEM_PHASES, isItemPhase, type KindOfRun, PHASES, programOf } from "../../src/domain/phases.ts";

const WHOLE: KindOfRun = { dryRun: false, isPilot: false, sendsResets: true };

function phasesOf(change: Partial<KindOfRun>): string[] {
  return programOf({ ...WHOLE, ...change }).map(({ phase }) => phase);
}

test("a run that sends mails goes through every phase, in order", () => {
  expect(phasesOf({})).toEqual(PHASES);
  expect(phasesOf({ sendsResets: false })).toEqual(PHASES.filter((phase) => phase !== "resets"));
});

test("a dry run leaves out what writes, and what checks what was written", () => {
  expect(phasesOf({ dryRun: true })).toEqual(["assess", "credentials", "snapshot", "plan", "report"]);
});

test("a pilot comes to the gate once it knows its people", () => {
  const dry = ["assess", "snapshot", "plan", "credentials", "report"];
  expect(phasesOf({ dryRun: true, isPilot: true })).toEqual(dry);
  expect(phasesOf({ isPilot: true }).toSorted()).toEqual(PHASES.toSorted());
});

test("phases of numbered items are told apart", () => {
  expect(ITEM_PHASES).toEqual(["credentials", "structure", "users", "memberships", "resets"]);
  expect(PHASES.filter((phase) => !isItemPhase(phase))).toEqual([
    "assess",
    "snapshot",
    "plan",
    "verify",
    "report",
  ]);
});
