import { expect, test } from "vitest";
import { differenceSlices, type FoundDifference } from "../../src/ledger/differences.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { SEVERAL } from "./changing-pool.ts";
import { recordFigures } from "./figures.ts";
import { type Stage, setStage } from "./stage.ts";
import { PEOPLE } from "./tampering/people.ts";
import { Scene, tamperingFile, tamperingPool, UNTOUCHED } from "./tampering/scene.ts";
import { STRUCTURE } from "./tampering/structure.ts";
import { until } from "./until.ts";

/** What somebody did at the destination is found, each thing by name, and nobody else is accused. */

const LONG_TEST_MS = 400_000;
const TAMPERINGS = [...PEOPLE, ...STRUCTURE];

test("fifty kinds of tampering are each named, and nobody of 5,000 untouched is accused", {
  timeout: LONG_TEST_MS,
}, async () => {
  expect(TAMPERINGS.length).toBeGreaterThanOrEqual(50);
  const pool = tamperingPool();
  const stage = await setStage({ pool, file: tamperingFile(pool), workos: SEVERAL });
  const { workos } = stage;
  addStrangers(stage);
  await stage.work();
  const run = await stage.start();
  await until("memberships are made", () => calls(stage, "createMembership") > 0, LONG_TEST_MS);
  const listed = calls(stage, "listUsers");
  const { promise: tampered, resolve: goOn } = Promise.withResolvers<void>();
  workos.faults.add({
    match: { operation: "listUsers" },
    times: 1,
    effect: { kind: "hold", until: tampered },
  });
  await until("verify begins", () => calls(stage, "listUsers") > listed, LONG_TEST_MS);

  const scene = new Scene(workos, pool);
  const wanted = TAMPERINGS.map(({ name, act }) => ({ name, rows: act(scene) }));
  await ageEverything(stage);
  goOn();
  const summary = await run.result();

  const found = await differences(stage);
  const isFound = (row: FoundDifference) => found.some((one) => textOf(one) === textOf(row));
  const named = wanted.filter(({ rows }) => rows.every(isFound)).map(({ name }) => name);
  expect(named).toEqual(TAMPERINGS.map(({ name }) => name));
  const rows = wanted.flatMap((tampering) => tampering.rows);
  expect(found.map(textOf).sort()).toEqual(rows.map(textOf).sort());
  expect(summary).toMatchObject({ failed: 0, differences: rows.length, verification: "differs" });
  expect(await strangersTold(stage)).toEqual(strangersAt(stage));
  recordFigures("tampering at the destination", {
    kinds: TAMPERINGS.length,
    found: named.length,
    rows: rows.length,
    untouched: UNTOUCHED,
    accused: 0,
  });
});

const textOf = (row: FoundDifference) => JSON.stringify([row.kind, row.key, row.difference, row.field]);

function calls({ workos }: Stage, operation: string): number {
  return workos.journal.entries.filter((entry) => entry.operation === operation).length;
}

/** Absence is believed a minute after a thing was written; a test does not wait for it. */
function ageEverything(stage: Stage) {
  return stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

async function differences(stage: Stage): Promise<FoundDifference[]> {
  return stage.withLedger(async (ledger) => {
    const found: FoundDifference[] = [];
    for await (const slice of differenceSlices(ledger, 1)) found.push(...slice);
    return found;
  });
}

/** Accounts and other things in the same environment that have nothing to do with the pool. */
function addStrangers({ workos, pool }: Stage): void {
  const scene = new Scene(workos, pool);
  const accounts = workos.seed([
    { email: "a@strangers.example.com" },
    { email: "b@strangers.example.com", external_id: "crm-1" },
  ]);
  const organization = scene.addOrganization("crm-organization");
  for (const { id } of accounts) scene.addMembership(id, organization.id);
  const { applications, redirectUris } = workos.stores;
  applications.add({
    ...{ object: "connect_application", ...applications.stamp(), client_id: "client_strangers" },
    ...{ name: "Theirs", description: "cognito:of-another-pool", scopes: [] },
    ...{ application_type: "oauth", redirect_uris: [], uses_pkce: false, is_first_party: true },
  });
  const uri = "https://strangers.example.com/callback";
  redirectUris.add({ object: "redirect_uri", ...redirectUris.stamp(), uri, default: true });
}

/** By what carries no key of the pool, without a rule of the product. */
function strangersAt({ workos, pool }: Stage): [string, number][] {
  const { users, organizations, applications, redirectUris } = workos.state();
  const subs = new Set<string | null>(pool.users.map(({ sub }) => sub));
  const tenants = new Set<string | null>(pool.groups.map(({ name }) => name.replace("tenant:", "")));
  const keys = new Set<string | null>(pool.clients.map(({ id }) => `cognito:${id}`));
  const uris = new Set(pool.clients.flatMap(({ callbackUrls }) => callbackUrls));
  return [
    ["accounts", users.filter(({ external_id }) => !subs.has(external_id)).length],
    ["applications", applications.filter(({ description }) => !keys.has(description)).length],
    ["organizations", organizations.filter(({ external_id }) => !tenants.has(external_id)).length],
    ["redirect URIs", redirectUris.filter(({ uri }) => !uris.has(uri)).length],
  ];
}

async function strangersTold(stage: Stage): Promise<[string, number][]> {
  const findings = await stage.withLedger((ledger) => ledger.read((db) => readFindings(db, 1)));
  return findings
    .filter(({ code }) => code === "strangers_at_destination")
    .map(({ subject, sentence }): [string, number] => [subject, Number(sentence.split(" ")[0])])
    .sort();
}
