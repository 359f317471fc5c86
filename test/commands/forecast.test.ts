import { expect, test } from "vitest";
import { forecast, forecastText } from "../../src/commands/forecast.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { NOTHING_FORESEEN } from "../../src/plan/phase-seconds.ts";
import { destinationSettings, readSettings } from "../../src/settings.ts";
import { wrapped } from "../../src/wrap.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { shapeOf } from "../report/set-ups.ts";

const COLUMNS = 80;

function textOf(changes: Partial<MigrationFile>, columns = COLUMNS): string {
  const settings = readSettings({ WORKOS_API_KEY: "sk_test_a", WORKOS_CLIENT_ID: "client_1" });
  if (!settings.ok) throw new Error(settings.sentence);
  const destination = destinationSettings(settings.value, "workos");
  if (!destination.ok) throw new Error(destination.sentence);
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_A" };
  const file = migrationOf({ source, destination: { kind: "workos" }, ...changes });
  return forecastText(forecast(file, shapeOf(), NOTHING_FORESEEN, destination.value), columns);
}

test("a forecast is as wide as the terminal", () => {
  const text = textOf({
    pace: { writesPerSecond: 400, readsPerSecond: 900, callsPerSecond: 950 },
    passwordResets: { send: true, unverified: "skip" },
  });
  expect(text).toContain("unless your limits were raised");
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(COLUMNS);
});

test("a number stays on the line of its unit", () => {
  expect(wrapped("memberships 10 s, verify 2 min", 15)).toBe("memberships\n10 s, verify\n2 min");
});

test.each([
  [{ group: 'ed"itors' }, 'Only     people of the group "ed\\"itors": a pilot'],
  [{ subs: ["sub-1"] }, "Only     1 person whom the file names: a pilot"],
  [{ limit: 20 }, "Only     20 people: a pilot"],
])("a pilot of %j is told to be one", (only, row) => {
  expect(textOf({ only })).toContain(row);
});

test("a run that mails people says so before it begins", () => {
  const send = { send: true, unverified: "skip", perSecond: 3 } as const;
  const told = (canary: number | string[]) =>
    textOf({ passwordResets: { ...send, canary } }).replace(/\n +/g, " ");
  expect(told(2)).toContain(
    "Mails    password resets, 3 mails/s; the first 2 of all runs unasked; the others wait for an approval, unless an earlier one covers them",
  );
  expect(textOf({ passwordResets: { ...send, perSecond: 1 } })).toContain("1 mail/s");
  const mailsIn = (from: string, to: string) =>
    textOf({ passwordResets: { ...send, window: { timeZone: "Europe/Berlin", from, to } } }, 200);
  expect(mailsIn("09:00", "17:00")).toContain("3 mails/s, from 09:00 to 17:00 (Europe/Berlin);");
  expect(mailsIn("09:00", "09:00")).toContain("3 mails/s, for 24 hours from 09:00 (Europe/Berlin);");
  const window = {
    timeZone: "UTC",
    from: "09:00",
    to: "17:00",
    weekdays: ["mon", "tue"] as ("mon" | "tue")[],
  };
  expect(textOf({ passwordResets: { ...send, perDay: 1_500, window } }, 200)).toContain(
    "3 mails/s, at most 1,500 a day, from 09:00 to 17:00 (UTC) on mon, tue;",
  );
  expect(told(["sub-1"])).toContain("the first one of all runs unasked");
  expect(told(0)).toContain("3 mails/s; they wait for an approval, unless an earlier one covers them");
  expect(textOf({})).not.toContain("Mails");
  expect(textOf({ dryRun: true, passwordResets: send })).not.toContain("Mails");
});
