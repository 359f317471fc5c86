import type { PoolShape, UserSource } from "../cognito/source.ts";
import type { Destination } from "../destinations/destination.ts";
import { type Finding, replaceFindings } from "../ledger/findings.ts";
import { readPace, setPace } from "../ledger/pace.ts";
import { type MigrationRow, readMigration, rememberAccount } from "../ledger/runs.ts";
import type { Migration } from "../migration.ts";
import type { Blocked, PhaseInput, Progress } from "../workflows/contract.ts";
import { blocked } from "./blocked.ts";
import type { Deps } from "./deps.ts";
import { DestinationSlots } from "./destination-slots.ts";
import { pagesPaceKey } from "./pace-keys.ts";
import type { Pulse } from "./pulse.ts";
import { SlotHand } from "./slot-hand.ts";
import { askSource, type SourceTools } from "./source-calls.ts";

/** Whoever assesses waits for an answer: an outage is told, not waited for. */
const MAX_OUTAGES = 4;
const OUTAGE_RETRY_MS = 2_000;

type Draft = Omit<Finding, "phase">;

/** Proves the access to both sides and looks at the pool's shape; what stands in the way becomes a blocker. */
export async function assess(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const migration = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { file } = migration;
  const source = deps.sourceOf(file.source);
  const paceKey = pagesPaceKey(file.source, migration.accountId);
  const slots = new SlotHand(deps.pacer, [paceKey], pulse.signal);
  const tools: SourceTools = { slots, pulse, maxOutages: MAX_OUTAGES };
  const shape = await askSource(tools, () => source.describePool());
  if (shape.status === "blocked") return shape;
  if (shape.status !== "answered") return blocked("source_refused");
  const listing = await checkListing(tools, source, file);
  if (listing !== null) return listing;
  const access = await checkDestination(deps, pulse, deps.destinationOf(file.destination));
  if (access !== null) return access;
  const findings = findingsOf(shape.value, file);
  await deps.ledger.write((tx) => replaceFindings(tx, run.migrationId, run.generation, "assess", findings));
  await keepAccount(deps, migration, shape.value.accountId);
  const blockers = findings.filter((finding) => finding.severity === "blocker");
  if (blockers.length > 0 && !file.dryRun)
    return blocked("assess_blockers", { detail: blockers.map((finding) => finding.sentence).join(" ") });
  return {
    status: "complete",
    totals: { done: findings.length, failed: 0, skipped: 0, of: findings.length },
  };
}

/** One row is enough to know whether the walk will be allowed. */
async function checkListing(
  tools: SourceTools,
  source: UserSource,
  file: Migration,
): Promise<Blocked | null> {
  const listed = await askSource(tools, () => source.listUsers(null, 1));
  if (listed.status === "blocked") return listed;
  const group = groupOf(file);
  if (group === null) return null;
  const members = await askSource(tools, () => source.listUsersInGroup(group, null, 1));
  return members.status === "blocked" ? members : null;
}

/** The group that `only` names; null without one. */
export function groupOf({ only }: Migration): string | null {
  return only !== undefined && "group" in only ? only.group : null;
}

async function checkDestination(deps: Deps, pulse: Pulse, destination: Destination): Promise<Blocked | null> {
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  for (let tries = 0; tries < MAX_OUTAGES; tries += 1) {
    await slots.next(destination.listKinds);
    const answer = await pulse.during(destination.callTimeoutMs, () => destination.checkAccess());
    if (answer.ok) return null;
    if (answer.problem === "access_lost") return blocked("access_lost_destination", { detail: answer.code });
    if (answer.problem === "slow_down") await slots.block(destination.listKinds, answer.retryAfterMs);
    else await pulse.wait(OUTAGE_RETRY_MS);
  }
  return blocked("destination_unreachable");
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

function findingsOf(shape: PoolShape, file: Migration): Draft[] {
  const findings: Draft[] = [
    {
      severity: "info",
      code: "pool_size",
      subject: shape.poolId,
      sentence: `Cognito estimates ${shape.estimatedUsers} users; the snapshot counts them.`,
    },
  ];
  for (const attribute of Object.keys(file.attributes)) {
    if (shape.attributeNames.includes(attribute)) continue;
    findings.push({
      severity: "blocker",
      code: "attribute_unknown",
      subject: attribute,
      sentence: `The pool has no attribute "${attribute}"; mend "attributes" in the migration file and start again.`,
    });
  }
  if (shape.triggers.includes("UserMigration"))
    findings.push({
      severity: "warning",
      code: "user_migration_trigger",
      subject: "UserMigration",
      sentence:
        "The pool has a user migration trigger: a sign-in may create users while the pool is being read.",
    });
  if (shape.mfa !== "OFF")
    findings.push({
      severity: "warning",
      code: "mfa",
      subject: shape.mfa,
      sentence:
        "Second factors cannot be exported from Cognito: people set them up again at the destination.",
    });
  return findings;
}
