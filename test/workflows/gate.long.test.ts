import { join } from "node:path";
import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { readProviderChecks } from "../../src/ledger/providers.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { pauseUpdate, resumeUpdate, skipProviderUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { removeOrganization } from "../doubles/workos/removals.ts";
import { auditRun } from "../faults/audit.ts";
import { creates, FAST_PACE, progressOf, type Stage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { enterInDashboard, PLACED, setCredentialsStage } from "../faults/with-credentials.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { waitingFor } from "./waiting-for.ts";

const LONG_TEST_MS = 300_000;

/** Calls that make a user, a role or a membership. */
function writesOfPeople(stage: Stage) {
  return stage.workos.journal.entries.filter(({ operation }) =>
    ["createUser", "createRole", "createMembership"].includes(operation),
  );
}

/** Findings, and where providers stand. */
function toldOf(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return {
      findings: await ledger.read((db) => readFindings(db, migration?.id ?? 0)),
      checks: await ledger.read((db) => readProviderChecks(db, migration?.id ?? 0)),
    };
  });
}

/** Whose people are told to have no way in, by phase. */
async function withoutProvider(stage: Stage) {
  const { findings } = await toldOf(stage);
  return findings
    .filter(({ code }) => code === "people_without_provider")
    .map(({ phase, subject }) => [phase, subject]);
}

test("a run makes what it can, waits for people, and goes on by itself", async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("gate") });
  await stage.work();
  const run = await stage.start();
  const missing = await waitingFor(run, ["Google", "SignInWithApple"]);
  expect(missing.map(({ fault }) => fault)).toEqual(["not_configured", "not_configured"]);
  expect(missing[0]?.advice).toContain("207341950618-customers.apps.googleusercontent.com");
  expect(writesOfPeople(stage)).toEqual([]);
  const { waitsFor } = await progressOf(run);
  expect(waitsFor).toMatchObject({
    code: "providers",
    command: expect.stringMatching(/^\.\/spillway skip /),
  });

  enterInDashboard(stage, "Google");
  await waitingFor(run, ["SignInWithApple"]);
  enterInDashboard(stage, "SignInWithApple");
  await auditRun(stage, await run.result());
});

test("a provider that is deleted in Cognito after it was read is told, and not waited for", async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("deleted") });
  stage.cognito.faults.add({
    // Assess reads each of them once.
    match: { operation: "DescribeIdentityProvider", after: stage.pool.identityProviders.length },
    times: 1,
    effect: { kind: "status", status: 400, body: { __type: "ResourceNotFoundException", message: "Gone." } },
  });
  await stage.work();
  const run = await stage.start();
  await waitingFor(run, ["Google", "SignInWithApple"]);
  const { findings, checks } = await toldOf(stage);
  const told = findings.filter(({ code }) => code === "provider_gone");
  expect(told).toMatchObject([{ phase: "credentials", severity: "warning" }]);
  expect(checks.filter(({ name }) => name === told[0]?.subject)).toMatchObject([
    { state: "skipped", reason: "It was deleted in Cognito." },
  ]);
  expect(stage.workos.state().connections).toHaveLength(2);
  await run.terminate();
});

test("each mistake in the dashboard is told apart", async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("wrong") });
  await stage.work();
  const run = await stage.start();
  await waitingFor(run, ["Google", "SignInWithApple"]);
  const faultOfGoogle = (fault: string) =>
    until(`Google is seen as ${fault}`, async () => {
      const { missingProviders } = await progressOf(run);
      return missingProviders.find((one) => one.name === "Google" && one.fault === fault);
    });
  stage.workos.configureProvider({ provider: "GoogleOAuth", clientId: "somebody-elses" });
  expect((await faultOfGoogle("wrong_client_id")).advice).toContain("somebody-elses");
  const own = stage.pool.identityProviders.find(({ name }) => name === "Google")?.details.client_id ?? "";
  stage.workos.configureProvider({ provider: "GoogleOAuth", clientId: own, error: "invalid_client" });
  await faultOfGoogle("invalid_client");
  const { redirectUris } = stage.workos.stores;
  for (const uri of redirectUris.all()) redirectUris.remove(uri);
  await faultOfGoogle("redirect_uri_missing");
  await run.terminate();
});

test("nobody comes before every provider, whoever dies meanwhile", { timeout: LONG_TEST_MS }, async () => {
  const dbFilename = join(freshFolder(), "temporal.db");
  const port = await freePort();
  const temporal = await startTemporal({ port, dbFilename });
  const stage = await setCredentialsStage({
    poolId: freshPoolId("order"),
    temporalAddress: temporal.address,
    // Connections are made by people then: five providers, verified one after the other.
    workos: { connectionsApi: false },
  });
  const first = stage.startWorker();
  const run = await stage.start();
  const all = ["AcmeSAML", "CorpOIDC", "Google", "Microsoft", "SignInWithApple"];
  expect((await waitingFor(run, all)).map(({ fault }) => fault)).toEqual([
    "connection_missing",
    "connection_missing",
    "not_configured",
    "connection_missing",
    "not_configured",
  ]);
  enterInDashboard(stage, "Google");
  await waitingFor(run, ["AcmeSAML", "CorpOIDC", "Microsoft", "SignInWithApple"]);
  await first.end("SIGKILL");
  makeByHand(stage, "CorpOIDC", "corp");
  const second = stage.startWorker();
  await waitingFor(run, ["AcmeSAML", "Microsoft", "SignInWithApple"]);
  makeByHand(stage, "AcmeSAML", "acme");
  await waitingFor(run, ["Microsoft", "SignInWithApple"]);
  await Promise.all([second.end("SIGKILL"), temporal.kill("SIGKILL")]);
  const restarted = await startTemporal({ port, dbFilename });
  const third = stage.startWorker();
  makeByHand(stage, "Microsoft", "corp");
  await waitingFor(run, ["SignInWithApple"]);
  expect(writesOfPeople(stage)).toEqual([]);
  enterInDashboard(stage, "SignInWithApple");
  await auditRun(stage, await run.result());

  const { entries } = stage.workos.journal;
  const lastStep = entries.findLastIndex(({ operation }) => operation === "dashboard");
  const firstPerson = entries.findIndex(({ operation }) =>
    ["createUser", "createRole", "createMembership"].includes(operation),
  );
  expect(firstPerson).toBeGreaterThan(lastStep);
  const seenAfter = entries.slice(lastStep, firstPerson).filter(({ operation }) => operation === "authorize");
  expect(seenAfter.length).toBeGreaterThan(0);
  await third.end("SIGTERM");
  await restarted.stop();
});

/** Somebody sets the connection up in the Admin Portal. */
function makeByHand({ workos, pool }: Stage, name: string, organization: string): void {
  const details = pool.identityProviders.find((one) => one.name === name)?.details;
  const organizationId = workos.state().organizations.find((one) => one.external_id === organization)?.id;
  if (details === undefined || organizationId === undefined) throw new Error(`There is no ${name}.`);
  const { client_id = "", client_secret = "", oidc_issuer, MetadataURL = "" } = details;
  workos.addConnection({
    organization_id: organizationId,
    name,
    ...(oidc_issuer === undefined
      ? {
          saml_options: {
            idp_metadata_url: MetadataURL,
            sp_entity_id: `urn:amazon:cognito:sp:${pool.poolId}`,
          },
        }
      : {
          oidc_options: {
            discovery_endpoint: `${oidc_issuer}/.well-known/openid-configuration`,
            client_id,
            client_secret,
          },
        }),
  });
}

/** A first run to its end, with the providers that a person enters by hand. */
async function passGate(stage: Stage): Promise<void> {
  const run = await stage.start();
  await waitingFor(run, ["Google", "SignInWithApple"]);
  enterInDashboard(stage, "Google");
  enterInDashboard(stage, "SignInWithApple");
  await run.result();
}

/** Of what was written a moment ago, verification waits a minute for a look-up that shows it. */
const GONE_TAKES_MS = 180_000;

test("a connection that was deleted since is told as missing, and one made by hand opens the gate", {
  timeout: GONE_TAKES_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("remade"), users: 20 });
  await stage.work();
  await passGate(stage);
  const { connections } = stage.workos.stores;
  for (const connection of connections.all())
    if (connection.name === "AcmeSAML") connections.remove(connection);

  const second = await stage.start();
  const [acme] = await waitingFor(second, ["AcmeSAML"]);
  expect(acme?.fault).toBe("connection_missing");
  makeByHand(stage, "AcmeSAML", "acme");
  await auditRun(stage, await second.result());
});

test("an organization that was made anew has connections and applications under its new id", {
  timeout: GONE_TAKES_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("anew"), users: 20 });
  await stage.work();
  await passGate(stage);
  const { stores } = stage.workos;
  const corp = stores.organizations.all().find(({ external_id }) => external_id === "corp");
  const machine = stage.pool.clients.find(({ flows }) => flows.includes("client_credentials"));
  if (corp === undefined || machine === undefined) throw new Error("The pool has changed.");
  removeOrganization(stores, corp);
  const anew = stores.organizations.add({ ...corp, ...stores.organizations.stamp() });
  makeByHand(stage, "CorpOIDC", "corp");
  makeByHand(stage, "Microsoft", "corp");
  const added = { ...machine, id: "machine0of0the0second0run0", name: "batch" };
  stage.pool.clients.push(added);
  Object.assign(stage.file, { clients: { ...stage.file.clients, [added.id]: { organization: "corp" } } });

  await (await stage.start()).result();
  const application = stores.applications
    .all()
    .find(({ description }) => description === `cognito:${added.id}`);
  expect(application?.organization_id).toBe(anew.id);
});

test("pause, resume and skip act at once at the gate", async () => {
  const stage = await setCredentialsStage({
    poolId: freshPoolId("steer"),
    // So slow that only an operator's word explains a quick answer.
    file: { gate: { ...PLACED.gate, firstPollSeconds: 600, lastPollSeconds: 600 }, pace: FAST_PACE },
  });
  await stage.work();
  const run = await stage.start();
  await waitingFor(run, ["Google", "SignInWithApple"]);
  await run.executeUpdate(pauseUpdate);
  expect((await progressOf(run)).state).toBe("Paused");
  enterInDashboard(stage, "Google");
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await waitingFor(run, ["SignInWithApple"]);
  await expect(
    run.executeUpdate(skipProviderUpdate, { args: [{ name: "Google", reason: "gone" }] }),
  ).rejects.toMatchObject({
    cause: { message: 'The run does not wait for "Google", but for SignInWithApple.' },
  });
  await expect(
    run.executeUpdate(skipProviderUpdate, { args: [{ name: "SignInWithApple", reason: " " }] }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining("The reason is empty") } });
  const answer = await run.executeUpdate(skipProviderUpdate, {
    args: [{ name: "SignInWithApple", reason: "nobody uses it" }],
  });
  expect(answer).toBe("Skipped SignInWithApple.");
  await auditRun(stage, await run.result());
  expect(creates(stage.workos).length).toBeGreaterThan(0);
  expect(await withoutProvider(stage)).toContainEqual(["plan", "SignInWithApple"]);
});

/** The newest check of a provider. */
async function checkOfProvider(stage: Stage, provider: string) {
  return (await toldOf(stage)).checks.find(({ name }) => name === provider);
}

/** Codes and subjects of what the gate told. */
async function toldAtGate(stage: Stage) {
  const { findings } = await toldOf(stage);
  return findings.filter(({ phase }) => phase === "gate").map(({ code, subject }) => [code, subject]);
}

test("what was skipped stays so in later runs, until it is seen verified", {
  timeout: GONE_TAKES_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("kept"), users: 20 });
  await stage.work();
  const first = await stage.start();
  await waitingFor(first, ["Google", "SignInWithApple"]);
  enterInDashboard(stage, "Google");
  await waitingFor(first, ["SignInWithApple"]);
  await first.executeUpdate(skipProviderUpdate, {
    args: [{ name: "SignInWithApple", reason: "nobody uses it" }],
  });
  await first.result();
  expect(await checkOfProvider(stage, "SignInWithApple")).toMatchObject({ state: "skipped", earlier: 0 });

  // Nobody answers: it goes through by itself, a dry run as well.
  Object.assign(stage.file, { dryRun: true });
  await (await stage.start()).result();
  expect(await checkOfProvider(stage, "SignInWithApple")).toMatchObject({ state: "skipped", earlier: 1 });
  Object.assign(stage.file, { dryRun: false });
  await auditRun(stage, await (await stage.start()).result());
  expect(await checkOfProvider(stage, "SignInWithApple")).toEqual({
    name: "SignInWithApple",
    state: "skipped",
    fault: null,
    found: null,
    reason: "nobody uses it",
    earlier: 1,
  });
  expect(await toldAtGate(stage)).toEqual([["gate_answer_kept", "SignInWithApple"]]);

  enterInDashboard(stage, "SignInWithApple");
  await (await stage.start()).result();
  expect(await checkOfProvider(stage, "SignInWithApple")).toMatchObject({ state: "verified", earlier: 0 });
  expect(await toldAtGate(stage)).toEqual([]);

  // Seen verified once, it is a question again where it is turned off.
  stage.workos.configureProvider({ provider: "AppleOAuth", clientId: "somebody-elses" });
  const last = await stage.start();
  await waitingFor(last, ["SignInWithApple"]);
  await last.terminate();
});

test("a skipped provider that Cognito has with another client is asked about again, beside those that stay skipped", {
  timeout: GONE_TAKES_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("reclient"), users: 20 });
  await stage.work();
  const first = await stage.start();
  await waitingFor(first, ["Google", "SignInWithApple"]);
  for (const name of ["Google", "SignInWithApple"])
    await first.executeUpdate(skipProviderUpdate, { args: [{ name, reason: `no ${name} any more` }] });
  await first.result();

  const google = stage.pool.identityProviders.find(({ name }) => name === "Google");
  if (google === undefined) throw new Error("The pool has changed.");
  google.details.client_id = "another-client";
  const second = await stage.start();
  await waitingFor(second, ["Google"]);
  const { waitsFor, keptProviders } = await progressOf(second);
  expect(keptProviders).toEqual([
    { name: "SignInWithApple", reason: "no SignInWithApple any more", works: false },
  ]);
  expect(waitsFor?.sentence).toContain(
    "SignInWithApple is skipped since an earlier run: no SignInWithApple any more.",
  );
  await second.terminate();
});

/** A pilot of somebody who comes by Google, and somebody with a password. */
async function startPilot(poolId: string) {
  const pool = makePool({ users: 200, seed: 5, poolId, providers: true });
  const google = pool.users.find(({ attributes }) => attributes.identities?.includes('"Google"'));
  const plain = pool.users.find(({ kind }) => kind === "plain");
  if (google === undefined || plain === undefined) throw new Error("The pool has changed.");
  const stage = await setCredentialsStage({
    poolId: pool.poolId,
    pool,
    file: { only: { subs: [google.sub, plain.sub] } },
  });
  await stage.work();
  const run = await stage.start();
  await waitingFor(run, ["Google"]);
  return { stage, run };
}

test("a pilot waits for its own people's providers alone", async () => {
  const { stage, run } = await startPilot(freshPoolId("pilot"));
  expect(writesOfPeople(stage)).toEqual([]);
  enterInDashboard(stage, "Google");
  const summary = await run.result();
  expect(summary.imported).toBeGreaterThanOrEqual(1);
  await auditRun(stage, summary);
});

test("a provider with which somebody signed in by hand counts as verified, and its people come along", async () => {
  const { stage, run } = await startPilot(freshPoolId("pilotworks"));
  await expect(
    run.executeUpdate(skipProviderUpdate, {
      args: [{ name: "Google", reason: "by hand", works: "yes" as never }],
    }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('"works" is true where') } });
  const answer = await run.executeUpdate(skipProviderUpdate, {
    args: [{ name: "Google", reason: "signed in by hand", works: true }],
  });
  expect(answer).toBe("Google counts as verified.");
  await auditRun(stage, await run.result());
  expect(await withoutProvider(stage)).toEqual([]);
});

test("a pilot whose provider is skipped at the gate tells of its people, who are planned by then", async () => {
  const { stage, run } = await startPilot(freshPoolId("pilotskip"));
  await run.executeUpdate(skipProviderUpdate, { args: [{ name: "Google", reason: "turned off" }] });
  await run.result();
  const told = await withoutProvider(stage);
  expect(told.filter(([phase]) => phase === "gate")).toEqual([["gate", "Google"]]);
});
