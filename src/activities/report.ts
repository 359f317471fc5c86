import type { PhaseInput, Progress, RunRef, RunSummary } from "../domain/contract.ts";
import { FOR_A_PERSON_TO_DECIDE } from "../domain/outcomes.ts";
import { verificationOf } from "../domain/verification.ts";
import type { Pulse } from "../engine/heartbeat.ts";
import { cursorId, walkShare } from "../engine/steps.ts";
import { Tally } from "../engine/tally.ts";
import { changedSince } from "../ledger/changed-since.ts";
import { type Counters, takeCursor } from "../ledger/cursors.ts";
import { countDifferences } from "../ledger/differences.ts";
import { readFindings } from "../ledger/findings.ts";
import { outcomesAfter } from "../ledger/outcomes.ts";
import { disownMigration, readMigration } from "../ledger/runs.ts";
import { hasVerified } from "../ledger/verification.ts";
import { changesOfPlan, changesOfRun } from "./changes-of-run.ts";
import type { Deps } from "./deps.ts";
import { phaseTotals } from "./fan-out/open-work.ts";
import { mailsOfDryRun, mailsOfRun } from "./mails-of-run.ts";
import { secondsOfPlan } from "./seconds-of-plan.ts";

const SLICE_USERS = 1_000;

/** The walk whose counters hold the totals. */
const REPORT_CURSOR = "report";

/** Counts how everyone ended, by outcome and reason, into the ledger. */
export async function report(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress> {
  const migration = { id: run.migrationId, generation: run.generation };
  const { ledger } = deps;
  const cursor = await walkShare({ ledger, pulse }, cursorId(run, REPORT_CURSOR), async (tx, from) => {
    const { position, counters } = from;
    const rows = await outcomesAfter(tx, migration, position ?? "", SLICE_USERS);
    const tally = new Tally(counters);
    for (const { outcome, reason } of rows) {
      tally.add("listed", 1);
      tally.add(outcome, 1);
      if (reason !== null) tally.add(`reason:${outcome}:${reason}`, 1);
    }
    return { position: rows.at(-1)?.sub ?? position, done: rows.length === 0, counters: tally.all() };
  });
  const listed = cursor.counters.listed ?? 0;
  return {
    status: cursor.done ? "complete" : "more",
    totals: { done: listed, failed: 0, skipped: 0, of: cursor.done ? listed : null },
  };
}

/** The last step of a run: its totals; and the migration is free for the next run. */
export async function close(deps: Deps, { run }: { run: RunRef }, pulse: Pulse): Promise<RunSummary> {
  const id = cursorId(run, REPORT_CURSOR);
  const { counters } = await takeCursor(deps.ledger, id, pulse.fence);
  const { listed = 0, imported = 0, merged = 0, skipped = 0, failed = 0, open = 0 } = counters;
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const { dryRun, passwordResets } = file;
  const { send } = passwordResets;
  const resets = send && !dryRun ? await phaseTotals(deps, run, "resets") : null;
  const mails = !send ? null : dryRun ? await mailsOfDryRun(deps, run) : await mailsOfRun(deps, run, pulse);
  const changes = dryRun ? await changesOfPlan(deps, run) : await changesOfRun(deps, run);
  const seconds = dryRun ? await secondsOfPlan(deps, run, { file, listed, changes, mails }) : undefined;
  const differences = (await hasVerified(deps.ledger, run))
    ? await countDifferences(deps.ledger, run.migrationId)
    : null;
  const changed = await changedSince(deps.ledger, run);
  const blockers = dryRun ? await countBlockers(deps, run) : 0;
  await deps.ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
  const { ledgerId, environment } = run;
  return {
    ledgerId,
    environment,
    listed,
    imported,
    merged,
    skipped,
    failed,
    open,
    dryRun,
    resets,
    mails,
    blockers,
    changes,
    ...(seconds && { seconds }),
    undecided: undecidedOf(counters),
    disabledSince: changed.disabled,
    otherAddresses: changed.otherAddress,
    differences,
    verification: differences === null ? null : verificationOf(differences),
  };
}

async function countBlockers({ ledger }: Deps, { migrationId }: RunRef): Promise<number> {
  const findings = await ledger.read((db) => readFindings(db, migrationId));
  return findings.filter(({ severity }) => severity === "blocker").length;
}

function undecidedOf(counters: Counters): number {
  const reasons = new Tally(counters).withPrefix(`reason:skipped:${FOR_A_PERSON_TO_DECIDE}`);
  return reasons.reduce((sum, [, people]) => sum + people, 0);
}
