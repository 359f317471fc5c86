import type { PoolConfiguration } from "../../cognito/configuration.ts";
import { readConfiguration } from "../../cognito/read-configuration.ts";
import type { PoolShape, UserSource } from "../../cognito/source.ts";
import type { Destination } from "../../destinations/destination.ts";
import { type ConfigurationKind, replaceConfiguration } from "../../ledger/configuration.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { readPace, setPace } from "../../ledger/pace.ts";
import { type MigrationRow, readMigration, rememberAccount } from "../../ledger/runs.ts";
import type { Migration } from "../../migration.ts";
import type { Blocked, PhaseInput, Progress, RunRef } from "../../workflows/contract.ts";
import { askOne } from "../ask-one.ts";
import { blocked } from "../blocked.ts";
import { needsSecret } from "../credentials/placement.ts";
import { type Deps, NO_MAIL_SINK } from "../deps.ts";
import { DestinationSlots } from "../destination-slots.ts";
import { configurationPaceKey, pagesPaceKey } from "../pace-keys.ts";
import { ParkedError } from "../parked.ts";
import type { Pulse } from "../pulse.ts";
import { SlotHand } from "../slot-hand.ts";
import type { SourceTools } from "../source-calls.ts";
import { tellConcerned } from "./concerned.ts";
import { credentialFindings } from "./credential-findings.ts";
import { poolFindings } from "./pool-findings.ts";
import { type Draft, ruleFindings } from "./rule-findings.ts";

/** Whoever assesses waits for an answer: an outage is told, not waited for. */
const MAX_OUTAGES = 4;
const OUTAGE_RETRY_MS = 2_000;

/** Proves the access to both sides and looks at the pool's set-up; what stands in the way becomes a blocker. */
export async function assess(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const migration = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { file } = migration;
  const source = deps.sourceOf(file.source);
  const destination = deps.destinationOf(file.destination);
  const listing = toolsFor(deps, pagesPaceKey(file.source, migration.accountId), pulse);
  const shape = await askOne(listing, "DescribeUserPool", () => source.describePool());
  await checkListing(listing, source, file);
  const describing = toolsFor(deps, configurationPaceKey(file.source), pulse);
  const configuration = await readConfiguration(source, (operation, call) =>
    askOne(describing, operation, call),
  );
  await checkDestination(deps, pulse, destination);
  const drafts = [
    ...poolFindings(file, shape, configuration),
    ...ruleFindings(file, shape, configuration, destination),
    ...credentialFindings(file, configuration, destination),
    ...(await storeFindings(deps, file, configuration)),
    ...(await mailFindings(deps, file)),
  ];
  const findings: Draft[] = [];
  for (const draft of drafts) findings.push(await tellConcerned(listing, source, draft));
  await keep(deps, run, shape, configuration, findings);
  await keepAccount(deps, migration, shape.accountId);
  const blockers = findings.filter((finding) => finding.severity === "blocker");
  if (blockers.length > 0 && !file.dryRun)
    return blocked("assess_blockers", { detail: blockers.map((finding) => finding.sentence).join(" ") });
  return {
    status: "complete",
    totals: { done: findings.length, failed: 0, skipped: 0, of: findings.length },
  };
}

function toolsFor(deps: Deps, paceKey: string, pulse: Pulse): SourceTools {
  return { slots: new SlotHand(deps.pacer, [paceKey], pulse.signal), pulse, maxOutages: MAX_OUTAGES };
}

/** One row is enough to know whether the walk will be allowed. */
async function checkListing(tools: SourceTools, source: UserSource, file: Migration): Promise<void> {
  await askOne(tools, "ListUsers", () => source.listUsers(null, 1));
  const group = groupOf(file);
  if (group !== null) await askOne(tools, "ListUsersInGroup", () => source.listUsersInGroup(group, null, 1));
}

/** The group that `only` names; null without one. */
export function groupOf({ only }: Migration): string | null {
  return only !== undefined && "group" in only ? only.group : null;
}

async function checkDestination(deps: Deps, pulse: Pulse, destination: Destination): Promise<void> {
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  for (let tries = 0; tries < MAX_OUTAGES; tries += 1) {
    await slots.next(destination.readKinds);
    const answer = await pulse.during(destination.callTimeoutMs, () => destination.checkAccess());
    if (answer.ok) return;
    if (answer.problem === "access_lost")
      throw new ParkedError(blocked("access_lost_destination", { detail: answer.code }));
    if (answer.problem === "slow_down") await slots.block(destination.readKinds, answer.retryAfterMs);
    else await pulse.wait(OUTAGE_RETRY_MS);
  }
  throw new ParkedError(blocked("destination_unreachable"));
}

/** A secret is shown once: the place where it will be kept has to be ready before. */
async function storeFindings(
  { secrets }: Deps,
  file: Migration,
  { clients }: PoolConfiguration,
): Promise<Draft[]> {
  if (!clients.some((client) => needsSecret(file, client))) return [];
  const answer = await secrets.check();
  if (answer.ok) return [];
  return [
    { severity: "blocker", code: "secret_store", subject: "SPILLWAY_SECRETS", sentence: answer.sentence },
  ];
}

/** Own mails need a way out, and the destination's must not go out beside them. */
async function mailFindings({ mails }: Deps, { passwordResets }: Migration): Promise<Draft[]> {
  if (!passwordResets.send || passwordResets.delivery !== "own") return [];
  const answer = mails === null ? { ok: false as const, sentence: NO_MAIL_SINK } : await mails.check();
  if (!answer.ok)
    return [{ severity: "blocker", code: "mail_sink", subject: "SPILLWAY_MAIL", sentence: answer.sentence }];
  const sentence = `Reset mails go out through ${mails?.place}. Turn off the destination's own password reset mails in its dashboard first, or everybody gets two.`;
  return [{ severity: "warning", code: "own_mails", subject: "delivery", sentence }];
}

/** What was read, without secrets, for the phases that follow and for the report. */
async function keep(
  { ledger }: Deps,
  { migrationId, generation }: RunRef,
  shape: PoolShape,
  { groups, providers, clients, resourceServers }: PoolConfiguration,
  findings: readonly Draft[],
): Promise<void> {
  const kinds: [ConfigurationKind, { name: string; data: object }[]][] = [
    ["pool", [{ name: shape.poolId, data: shape }]],
    ["group", groups.map((group) => ({ name: group.name, data: group }))],
    ["provider", providers.map((provider) => ({ name: provider.name, data: provider }))],
    ["client", clients.map((client) => ({ name: client.id, data: client }))],
    ["resource_server", resourceServers.map((server) => ({ name: server.identifier, data: server }))],
  ];
  await ledger.write(async (tx) => {
    for (const [kind, entries] of kinds)
      await replaceConfiguration(tx, migrationId, generation, kind, entries);
    await replaceFindings(tx, migrationId, generation, "assess", findings);
  });
}

/** From now on the pace of Cognito's pages is that of the account, as Cognito counts it. */
async function keepAccount(deps: Deps, migration: MigrationRow, accountId: string | null): Promise<void> {
  if (accountId === migration.accountId) return;
  const oldKey = pagesPaceKey(migration.file.source, migration.accountId);
  const rates = await readPace(deps.ledger, [oldKey]);
  const perSecond = rates.get(oldKey) ?? migration.file.pace.pagesPerSecond;
  await deps.ledger.write(async (tx) => {
    await setPace(tx, pagesPaceKey(migration.file.source, accountId), perSecond);
    await rememberAccount(tx, migration.id, accountId);
  });
}
