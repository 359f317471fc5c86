import type { Answer, Destination } from "../../destinations/destination.ts";
import { blocked, waysOf } from "../../domain/blocked.ts";
import type { Blocked, PhaseInput, Progress, RunRef, Way } from "../../domain/contract.ts";
import { type Draft, FINDINGS, toldTogether } from "../../domain/findings.ts";
import { askOne } from "../../engine/ask-one.ts";
import type { SourceTools } from "../../engine/ask-source.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { configurationPaceKey, pagesPaceKey } from "../../engine/pace-keys.ts";
import { ParkedError } from "../../engine/parked.ts";
import { readSetUp } from "../../engine/read-set-up.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { cursorId } from "../../engine/steps.ts";
import { type ConfigurationKind, replaceConfiguration } from "../../ledger/configuration.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { mailedAmong } from "../../ledger/mails.ts";
import { readPace, setPace } from "../../ledger/pace.ts";
import { type MigrationRow, readMigration, rememberAccount } from "../../ledger/runs.ts";
import { rolesMade } from "../../ledger/standing-structure.ts";
import { assessment, type SetUp } from "../../plan/findings/assessment.ts";
import type { Deps } from "../deps.ts";
import { closeEarlierRuns } from "./close-earlier-runs.ts";
import { tellConcerned } from "./concerned.ts";

/** Whoever assesses waits for an answer: an outage is told, not waited for. */
const MAX_OUTAGES = 4;
const OUTAGE_RETRY_MS = 2_000;
/** Whoever looked at the pool last: an attempt that slept replaces nothing of what later ones read. */
const LOOK = "assess";

/** Proves the access to both sides and looks at the pool's set-up; what stands in the way becomes a blocker. */
export async function assess(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  await closeEarlierRuns(deps, run, pulse);
  const look = await takeCursor(deps.ledger, cursorId(run, LOOK), pulse.fence);
  const migration = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { file } = migration;
  const source = deps.sourceOf(file.source);
  const destination = deps.destinationOf(file.destination);
  const listing = toolsFor(deps, pagesPaceKey(file.source, migration.accountId), pulse);
  const describing = toolsFor(deps, configurationPaceKey(file.source), pulse);
  const setUp = await readSetUp(file, {
    source,
    askPages: (operation, call) => askOne(listing, operation, call),
    askConfiguration: (operation, call) => askOne(describing, operation, call),
    destination,
    askDestination: (call) => askAccess(deps, pulse, destination, call),
    secrets: deps.secrets,
    mails: deps.mails,
    // The migration was read from it, and the findings go there: it says by itself what is wrong.
    checkLedger: async () => ({ ok: true }),
    madeRoles: (slugs) => deps.ledger.read((db) => rolesMade(db, migration.id, slugs)),
    mailed: (subs) => deps.ledger.read((db) => mailedAmong(db, migration.id, subs)),
  });
  const drafts = await tellConcerned(listing, source, assessment(file, setUp, destination));
  await keep(deps, run, setUp, drafts, (tx) =>
    moveCursor(tx, cursorId(run, LOOK), pulse.fence, { ...look, done: true }),
  );
  await keepAccount(deps, migration, setUp.shape.accountId);
  const blockers = drafts.filter(({ severity }) => severity === "blocker");
  if (blockers.length > 0 && !file.dryRun)
    return blocked("assess_blockers", { detail: toldTogether(blockers), ways: waysOut(blockers) });
  return { status: "complete", totals: { done: drafts.length, failed: 0, skipped: 0, of: drafts.length } };
}

function waysOut(blockers: readonly Draft[]): readonly Way[] {
  const isOutsideFile = blockers.every(({ code }) => FINDINGS[code].outsideFile);
  return isOutsideFile ? ["resume"] : waysOf("assess_blockers");
}

function toolsFor(deps: Deps, paceKey: string, pulse: Pulse): SourceTools {
  return { slots: new SlotHand(deps.pacer, [paceKey], pulse.signal), pulse, maxOutages: MAX_OUTAGES };
}

async function askAccess<T>(
  deps: Deps,
  pulse: Pulse,
  destination: Destination,
  call: () => Promise<Answer<T>>,
): Promise<T> {
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  for (let tries = 0; tries < MAX_OUTAGES; tries += 1) {
    await slots.next(destination.facts.slots.read);
    const answer = await pulse.during(destination.callTimeoutMs, call);
    if (answer.ok) return answer.value;
    if (answer.problem === "access_lost")
      throw new ParkedError(blocked("access_lost_destination", { detail: answer.code }));
    if (answer.problem === "slow_down") await slots.block(destination.facts.slots.read, answer.retryAfterMs);
    else await pulse.wait(OUTAGE_RETRY_MS);
  }
  throw new ParkedError(blocked("destination_unreachable"));
}

/** What was read, without secrets, for the phases that follow and for the report. */
async function keep(
  { ledger }: Deps,
  { migrationId, generation }: RunRef,
  { shape, configuration }: SetUp,
  findings: readonly Draft[],
  confirm: (tx: Tx) => Promise<void>,
): Promise<void> {
  const { groups, providers, clients, resourceServers } = configuration;
  const kinds: [ConfigurationKind, { name: string; data: object }[]][] = [
    ["pool", [{ name: shape.poolId, data: shape }]],
    ["group", groups.map((group) => ({ name: group.name, data: group }))],
    ["provider", providers.map((provider) => ({ name: provider.name, data: provider }))],
    ["client", clients.map((client) => ({ name: client.id, data: client }))],
    ["resource_server", resourceServers.map((server) => ({ name: server.identifier, data: server }))],
  ];
  await ledger.write(async (tx) => {
    await confirm(tx);
    for (const [kind, entries] of kinds)
      await replaceConfiguration(tx, migrationId, generation, kind, entries);
    await replaceFindings(tx, migrationId, generation, "assess", findings);
    // By what an earlier run mailed is no news of this one, which may mail nobody.
    await replaceFindings(tx, migrationId, generation, "resets", []);
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
