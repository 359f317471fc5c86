import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { NOTHING_FORESEEN, phaseSeconds } from "../../src/plan/phase-seconds.ts";
import { fileOf } from "./findings/set-ups.ts";

const PACE = { writesPerSecond: 10, readsPerSecond: 50, callsPerSecond: 40, pagesPerSecond: 5 };
const PER_CALL = { users: 1, memberships: 1, rowsPerPage: 100 };
const FORESEEN = { organizations: 20, roles: 10, permissions: 15, providers: 3, clients: 2 };

function secondsOf(changes: Partial<MigrationFile> = {}, foreseen = NOTHING_FORESEEN, perCall = PER_CALL) {
  return phaseSeconds(fileOf({ pace: PACE, ...changes }), 6_000, foreseen, perCall);
}

test("every phase has its time at its own pace", () => {
  const organizations = { from: "fixed", organization: "all" } as const;
  expect(secondsOf({ organizations, passwordResets: { send: true, perSecond: 2 } }, FORESEEN)).toEqual({
    credentials: 2,
    snapshot: 20,
    structure: 6,
    users: 600,
    memberships: 600,
    resets: 3_000,
    verify: 4,
  });
});

test("a destination that takes many people a call is done sooner", () => {
  const organizations = { from: "fixed", organization: "all" } as const;
  const perCall = { users: 100, memberships: 50, rowsPerPage: 2_000 };
  expect(secondsOf({ organizations }, NOTHING_FORESEEN, perCall)).toMatchObject({
    users: 6,
    memberships: 12,
    verify: 1,
  });
});

test("what the file does not want takes no time", () => {
  expect(secondsOf()).toMatchObject({ credentials: 0, structure: 0, memberships: 0, resets: 0 });
});

test("a dry run only reads the pool", () => {
  const { snapshot, ...others } = secondsOf({ dryRun: true, passwordResets: { send: true } }, FORESEEN);
  expect(snapshot).toBe(20);
  expect(new Set(Object.values(others))).toEqual(new Set([0]));
});

test("a pilot reads everybody and writes a few", () => {
  expect(secondsOf({ only: { limit: 100 } })).toMatchObject({ snapshot: 20, users: 10 });
  expect(secondsOf({ only: { subs: ["a", "b"] } })).toMatchObject({ snapshot: 20, users: 1 });
});

test("mails go out no faster than people can be looked at in a pool that takes long to list", () => {
  const file = fileOf({ pace: PACE, passwordResets: { send: true, perSecond: 40 } });
  // At 5 calls a second a walk lists 300 people a second: in time, and not.
  expect(phaseSeconds(file, 60_000, NOTHING_FORESEEN, PER_CALL).resets).toBe(1_500);
  expect(phaseSeconds(file, 600_000, NOTHING_FORESEEN, PER_CALL).resets).toBe(120_000);
});

const DAY = 86_400;
const RESETS: [what: string, resets: MigrationFile["passwordResets"], seconds: number][] = [
  ["mails a day", { send: true, perSecond: 10, perDay: 2_000 }, 2 * DAY + 200],
  [
    "a window",
    { send: true, perSecond: 1, window: { timeZone: "UTC", from: "09:00", to: "10:00" } },
    DAY + 2_400,
  ],
  [
    "a window over midnight",
    { send: true, perSecond: 1, window: { timeZone: "UTC", from: "23:30", to: "00:30" } },
    DAY + 2_400,
  ],
  [
    "one weekday",
    { send: true, perSecond: 1, window: { timeZone: "UTC", from: "09:00", to: "10:00", weekdays: ["mon"] } },
    7 * DAY + 2_400,
  ],
];

test.each(RESETS)("reset mails take as long as %s let them", (_, passwordResets, seconds) => {
  expect(secondsOf({ passwordResets }).resets).toBe(seconds);
});
