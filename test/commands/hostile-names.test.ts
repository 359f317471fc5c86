import { expect, test } from "vitest";
import { credentialsText } from "../../src/commands/credentials-text.ts";
import { findingsText } from "../../src/commands/findings-text.ts";
import { forecast, forecastText } from "../../src/commands/forecast.ts";
import { gateText } from "../../src/commands/gate-text.ts";
import { News } from "../../src/commands/news.ts";
import { finding } from "../../src/domain/findings.ts";
import { NOTHING_FORESEEN } from "../../src/plan/phase-seconds.ts";
import { destinationSettings, readSettings } from "../../src/settings.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { runCli } from "./cli.ts";
import { startRig } from "./rig.ts";

const HOSTILE = "a\x1b[2J\x9b31m\u202eb\nDone: 0 failed.";
const SHOWN = "a\\u001b[2J\\u009b31m\\u202eb\\nDone: 0 failed.";
const COLUMNS = 200;

/** Nothing acts, and no line begins that the name made. */
function expectHarmless(text: string): void {
  expect(text).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
  expect(text.split("\n").filter((line) => line.startsWith("Done:"))).toEqual([]);
  expect(text.replaceAll(/\s+/g, " ")).toContain(SHOWN);
}

test("a provider's name cannot act on the terminal", () => {
  const missing = [{ name: HOSTILE, fault: "not_configured", advice: `Set up ${HOSTILE}.` }];
  const kept = [{ name: HOSTILE, reason: HOSTILE, works: false }];
  expectHarmless(gateText({ missing, before: [], kept: [], command: "resume" }, COLUMNS));
  expectHarmless(gateText({ missing: [], before: [], kept, command: "resume" }, COLUMNS));
  const provider = {
    name: HOSTILE,
    type: "OIDC",
    state: "missing",
    fault: null,
    whatToDo: [HOSTILE],
    reason: null,
    sinceEarlierRun: false,
  } as const;
  const client = {
    clientId: "1",
    name: HOSTILE,
    state: "none",
    newClientId: null,
    secretName: null,
    reason: HOSTILE,
  } as const;
  const standing = { providers: [{ ...provider, whatToDo: [HOSTILE] }], clients: [client] };
  expectHarmless(credentialsText(standing, "file:secrets", COLUMNS));
});

test("a sentence of a run cannot act on the terminal", () => {
  const step = { to: null, command: "resume" };
  const sentence = `It refuses ${HOSTILE}.`;
  const waitsFor = { code: "organization_refused", sentence, command: step.command, steps: [step] };
  const answer = {
    state: "Blocked",
    phase: "plan",
    waitsFor,
    missingProviders: [],
    firstMails: [{ sub: HOSTILE, outcome: "failed", reason: HOSTILE }],
    pace: null,
    secondsLeft: null,
  } as const;
  expectHarmless(new News().of({ kind: "running", answer }, COLUMNS) ?? "");
  const draft = finding("secret_store", { sentence: "" });
  expectHarmless(findingsText([{ ...draft, what: `It refuses ${HOSTILE}.` }], COLUMNS));
});

test("a pool's name cannot act on the terminal", () => {
  const settings = readSettings({ WORKOS_API_KEY: "sk_test_a", WORKOS_CLIENT_ID: "client_1" });
  if (!settings.ok) throw new Error(settings.sentence);
  const destination = destinationSettings(settings.value, "workos");
  if (!destination.ok) throw new Error(destination.sentence);
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_A" };
  const migration = migrationOf({ source, destination: { kind: "workos" } });
  const shape = { name: HOSTILE, estimatedUsers: 1, mfa: "OFF", triggers: [] };
  // What a forecast reads of a pool.
  const plan = forecast(
    migration,
    shape as unknown as Parameters<typeof forecast>[1],
    NOTHING_FORESEEN,
    destination.value,
  );
  expectHarmless(forecastText(plan));
});

test("what a command refuses cannot act on the terminal", async () => {
  const { folder, settings } = await startRig(1);
  const { stderr, code } = await runCli(["check", HOSTILE], folder, settings);
  expect(code).toBe(2);
  expectHarmless(stderr);
});
