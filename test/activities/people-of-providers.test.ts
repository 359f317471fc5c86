import { expect } from "vitest";
import { peopleOfProviders, peopleSkippedAtGate } from "../../src/activities/plan/people-of-providers.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { replaceConfiguration } from "../../src/ledger/configuration.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { ProviderCheck } from "../../src/ledger/providers.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { PICKY } from "../plan/findings/destination.ts";
import { fileOf } from "../plan/findings/set-ups.ts";

const RUN = {
  ledgerId: "l",
  destinationKind: "workos",
  environment: "env",
  migrationId: 1,
  generation: 2,
  firstRunId: "run",
};

const check = (name: string, state: ProviderCheck["state"], reason: string | null = null): ProviderCheck => ({
  name,
  state,
  fault: null,
  found: null,
  reason,
  earlier: 0,
});
const CHECKS = [check("Google", "skipped", "turned `off`"), check("Corp", "verified")];

/** Fifteen people of each provider; the gate stands as it does. */
async function afterGate(ledger: Ledger, checks: readonly ProviderCheck[]): Promise<void> {
  const providers = ["Google", "Corp", "Old"].map((name) => ({
    name,
    data: { name, type: "OIDC", issuer: `https://${name.toLowerCase()}.example.com` },
  }));
  const links = { migrationId: RUN.migrationId, generation: RUN.generation, name: "plan:links" };
  await takeCursor(ledger, links, 1);
  await ledger.write(async (tx) => {
    await replaceConfiguration(tx, RUN.migrationId, RUN.generation, "provider", providers);
    const counters = { "provider:Google": 15, "provider:Corp": 15, "provider:Old": 15 };
    await moveCursor(tx, links, 1, { position: null, done: true, counters });
    if (checks.length > 0)
      await tx
        .insertInto("provider_checks")
        .values(checks.map((one) => ({ migration_id: RUN.migrationId, ...one })))
        .execute();
  });
}

function counting(ledger: Ledger, changes: Partial<MigrationFile> = {}) {
  const providers = {
    Google: { organization: "a" },
    Corp: { organization: "a" },
    Old: { skip: "nobody" },
  };
  return { ledger, run: RUN, file: fileOf({ providers, ...changes }), destination: PICKY };
}

testOnBoth("people whose provider was skipped are told, by the file as at the gate", async ({ open }) => {
  const ledger = await open();
  await afterGate(ledger, CHECKS);
  const told = await peopleOfProviders(counting(ledger));
  expect(told.map(({ code, subject }) => [code, subject])).toEqual([
    ["people_without_provider", "Google"],
    ["people_without_provider", "Old"],
  ]);
  expect(told[0]).toMatchObject({
    what: expect.stringContaining("15 identities of Google"),
    advice:
      "They sign in by e-mail: with a code, or with a password once they have reset it. It was left behind: turned \\u0060off\\u0060.",
  });
});

testOnBoth("a pilot's gate comes after its plan, and tells what it skipped itself", async ({ open }) => {
  const ledger = await open();
  await afterGate(ledger, CHECKS);
  const pilot = counting(ledger, { only: { limit: 1 } });
  // The checks that the ledger has are those of an earlier run.
  expect((await peopleOfProviders(pilot)).map(({ subject }) => subject)).toEqual(["Old"]);
  expect((await peopleSkippedAtGate(pilot, CHECKS)).map(({ subject }) => subject)).toEqual(["Google"]);
});
