import { expect, test } from "vitest";
import type { Vendor } from "../../src/destinations/destination.ts";
import { register } from "../../src/destinations/registry.ts";
import { workos } from "../../src/destinations/workos/index.ts";
import { readApplications } from "../../src/ledger/applications.ts";
import { differenceSlices } from "../../src/ledger/differences.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { type Pool, poolOf } from "../doubles/pool/pool.ts";
import type { Fault, FaultEffect } from "../doubles/shared/faults.ts";
import { removeApplication, removeOrganization } from "../doubles/workos/removals.ts";
import { progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { startWorkerHere } from "../faults/worker-here.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

/** How what stands beside people is compared: in which calls, and what faults, crashes and hands do to it. */

/** Each in an organization of their own: two pages of them. */
const USERS = 105;
const NOT_THERE = { message: "Not Found" };

function structuredPool(): Pool {
  const poolId = freshPoolId("structure");
  const pool = plainPool({ users: USERS, poolId });
  const { clients, resourceServers } = makePool({ users: 1, seed: 5, poolId, providers: true });
  for (const [index, { attributes }] of pool.users.entries()) attributes["custom:tenant"] = `tenant-${index}`;
  return poolOf({
    ...pool,
    resourceServers,
    clients: clients.filter(({ flows }) => flows.includes("code")),
    groups: [{ name: "editors", description: "", precedence: 1, members: [] }],
    attributeNames: [...pool.attributeNames, "custom:tenant"],
  });
}

async function structuredStage(): Promise<Stage> {
  return setStage({
    pool: structuredPool(),
    file: {
      organizations: { from: "attribute", attribute: "custom:tenant" },
      roles: { from: "groups" },
    },
  });
}

/** After a run that found nothing amiss, long enough ago for absence to be believed. */
async function writtenStage(): Promise<Stage> {
  const stage = await structuredStage();
  await stage.work();
  expect(await again(stage)).toBe("verified");
  await ageEverything(stage);
  return stage;
}

async function again(stage: Stage) {
  return (await (await stage.start()).result()).verification;
}

function ageEverything(stage: Stage) {
  return stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

async function rows(stage: Stage): Promise<string[]> {
  return stage.withLedger(async (ledger) => {
    const found: string[] = [];
    for await (const slice of differenceSlices(ledger, 1))
      found.push(...slice.map((one) => [one.kind, one.key, one.difference, one.field].join(" ").trim()));
    return found;
  });
}

/** Codes with their counts. */
async function told(stage: Stage): Promise<string[]> {
  const findings = await stage.withLedger((ledger) => ledger.read((db) => readFindings(db, 1)));
  return findings
    .filter(({ phase, severity }) => phase === "verify" && severity === "warning")
    .map(({ code, sentence }) => `${code} ${/\d+/.exec(sentence)?.[0]}`);
}

function callsOf({ workos: { journal } }: Stage, operation: string): number {
  return journal.entries.filter((entry) => entry.operation === operation).length;
}

const on = (operation: string, effect: FaultEffect, after = 0): Fault => ({
  match: { operation, after },
  times: 1,
  effect,
});
const answering = (status: number, body: object): FaultEffect => ({ kind: "status", status, body });

function organization({ workos: { stores } }: Stage, index: number) {
  const found = stores.organizations.holderOf(`tenant-${index}`);
  if (found === null) throw new Error("There is no such organization.");
  return found;
}

test("what stands as it was written is seen in as few calls as its lists have pages", async () => {
  const stage = await writtenStage();
  const operations = [
    ...["listOrganizations", "listApplications", "listRedirectUris"],
    ...["getOrganization", "getApplication", "getRole", "getOrganizationByExternalId"],
  ];
  const before = operations.map((operation) => callsOf(stage, operation));
  expect(await again(stage)).toBe("verified");
  const calls = operations.map((operation, at) => callsOf(stage, operation) - (before[at] ?? 0));
  expect(calls).toEqual([2, 1, 1, 0, 0, 0, 0]);
  expect(await told(stage)).toEqual([]);
});

test("lists and look-ups that lag behind are not believed", async () => {
  const stage = await structuredStage();
  await stage.work();
  const empty = { object: "list", data: [], list_metadata: { before: null, after: null } };
  stage.workos.faults.add(on("listOrganizations", answering(200, empty)));
  for (let call = 0; call < 2; call += 1)
    stage.workos.faults.add(on("getOrganization", answering(404, NOT_THERE)));
  expect(await again(stage)).toBe("verified");
  expect(callsOf(stage, "getOrganization")).toBe(USERS + 2);
});

test("a list that starts again counts nothing twice; one that keeps dying parks", async () => {
  const stage = await writtenStage();
  stage.workos.stores.organizations.change(organization(stage, 0), { name: "Other" });
  stage.workos.faults.add(on("listOrganizations", answering(400, { message: "Bad cursor." }), 1));
  expect(await again(stage)).toBe("differs");
  expect(await rows(stage)).toEqual(["organization tenant-0 differs name"]);
  expect(await told(stage)).toEqual(["structure_differs 1"]);
  for (let start = 1; start <= 4; start += 1)
    stage.workos.faults.add(on("listOrganizations", answering(400, { message: "Bad cursor." }), start));
  const run = await stage.start();
  await until("it parks", async () => (await progressOf(run)).waitsFor?.code === "listing_stuck");
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ verification: "differs", differences: 1 });
});

test("a list that is refused for good parks, and a resume reads it", async () => {
  const stage = await writtenStage();
  stage.workos.faults.add(on("listApplications", answering(422, { message: "No." })));
  const run = await stage.start();
  await until("it parks", async () => (await progressOf(run)).waitsFor?.code === "listing_refused");
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ verification: "verified" });
});

test("what is gone is told by each run, until a hand makes it anew with its key", async () => {
  const stage = await writtenStage();
  const { organizations, applications } = stage.workos.stores;
  const gone = organization(stage, 1);
  const [application] = applications.all();
  if (application === undefined) throw new Error("No application was made.");
  const clientId = application.description?.replace("cognito:", "") ?? "";
  removeOrganization(stage.workos.stores, gone);
  removeApplication(stage.workos.stores, application);
  const missing = [`application ${clientId} missing`, "organization tenant-1 missing"];
  const { sub } = stage.pool.users[1] ?? { sub: "" };
  expect(await again(stage)).toBe("differs");
  expect(await rows(stage)).toEqual([missing[0], `membership ${sub} tenant-1 missing`, missing[1]]);
  expect(await again(stage)).toBe("differs");
  expect(await rows(stage)).toEqual(missing);
  organizations.add({ ...gone, ...organizations.stamp() });
  applications.add({ ...application, ...applications.stamp(), client_id: "client_anew" });
  expect(await again(stage)).toBe("verified");
  const known = await stage.withLedger((ledger) => ledger.read((db) => readApplications(db, 1)));
  expect(known).toContainEqual({ clientId, destinationClientId: "client_anew", secretId: null });
});

test("what cannot be read is no difference of a field, and nothing is verified", async () => {
  const stage = await writtenStage();
  const odd = { object: "organization", id: organization(stage, 0).id };
  const page = { object: "list", data: [odd], list_metadata: { before: null, after: null } };
  stage.workos.faults.add(on("listOrganizations", answering(200, page)));
  stage.workos.faults.add({
    match: { operation: "getOrganization", path: odd.id },
    times: 1,
    effect: answering(200, odd),
  });
  expect(await again(stage)).toBe("differs");
  expect(await rows(stage)).toEqual(["organization tenant-0 unreadable"]);
  expect(await told(stage)).toEqual(["unreadable_at_destination 1"]);
});

test("a worker that dies within a list counts nothing twice", { timeout: 90_000 }, async () => {
  const stage = await structuredStage();
  let worker = stage.startWorker();
  expect(await again(stage)).toBe("verified");
  stage.workos.stores.organizations.change(organization(stage, 0), { name: "Other" });
  stage.workos.stores.organizations.change(organization(stage, USERS - 1), { name: "Other" });
  const before = callsOf(stage, "listOrganizations");
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  stage.workos.faults.add(on("listOrganizations", { kind: "hold", until: promise }, 1));
  const run = await stage.start();
  await until("the second page is asked for", () => callsOf(stage, "listOrganizations") === before + 2);
  await worker.end("SIGKILL");
  goOn();
  worker = stage.startWorker();
  expect(await run.result()).toMatchObject({ verification: "differs", differences: 2 });
  expect(await told(stage)).toEqual(["structure_differs 2"]);
  // The first page was on disk.
  expect(callsOf(stage, "listOrganizations")).toBe(before + 3);
});

test("a kind that the destination does not tell of is said not to be verifiable", async () => {
  const silent: Vendor<Parameters<typeof workos.connect>[0]> = {
    ...workos,
    connect(...given) {
      const destination = workos.connect(...given);
      const { holdings: _, ...roles } = destination.roles;
      return { ...destination, roles };
    },
  };
  const stage = await structuredStage();
  await startWorkerHere(stage.environment, [register(silent)]);
  expect(await again(stage)).toBe("verified");
  const findings = await stage.withLedger((ledger) => ledger.read((db) => readFindings(db, 1)));
  expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toContain("not_verifiable roles");
});
