import { expect, test } from "vitest";
import { type GateState, wayIn } from "../../src/plan/way-in.ts";

const STATES = new Map<string, GateState>([
  ["Google", "verified"],
  ["Corp", "skipped"],
  ["Facebook", "none"],
  ["Okta", "missing"],
  ["Acme", "open"],
]);

test.each([
  [["Google"], "provider"],
  [["Corp", "Google"], "provider"],
  [["Corp"], "email"],
  [["Facebook"], "email"],
  [["deleted in the pool"], "email"],
  [["Corp", "Okta"], "not_yet"],
  [["Acme"], "not_yet"],
  [[], "unknown"],
] as const)("people of %j sign in afterwards: %s", (providers, way) => {
  expect(wayIn(providers, STATES)).toBe(way);
});
