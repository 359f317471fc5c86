import { undoAbilities } from "../../destinations/undo-abilities.ts";
import { PLACED_KINDS, type PlacedKind } from "../../domain/books.ts";
import type { RunRef, UndoCounts, UndoSummary } from "../../domain/contract.ts";
import type { FanOutPhase } from "../../domain/phases.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { LEFT } from "../../engine/undo-walk.ts";
import { takeCursor } from "../../ledger/cursors.ts";
import { type EndedItems, endedByKind } from "../../ledger/queue-endings.ts";
import { lastOrdinal } from "../../ledger/queue-questions.ts";
import { disownMigration } from "../../ledger/runs.ts";
import { slicesAfter } from "../../ledger/slices.ts";
import { type ToUndo, toUndoAfter } from "../../ledger/undo.ts";
import { MAILED, SECRETS, WITH_ACCOUNT } from "../../plan/counters.ts";
import type { Deps } from "../deps.ts";
import { PLAN_OF_UNDO } from "./plan-undo.ts";

/** Bounds one statement. */
const SLICE = 10_000;
const SLICE_WALKED = 1_000;
const PHASES: readonly FanOutPhase[] = ["memberships", "users", "credentials", "structure"];

/** The last step of an undo: its totals; and the migration is free for the next run. */
export async function closeUndo(deps: Deps, { run }: { run: RunRef }, pulse: Pulse): Promise<UndoSummary> {
  const { ledger } = deps;
  const plan = new Tally((await takeCursor(ledger, cursorId(run, PLAN_OF_UNDO), pulse.fence)).counters);
  const ended = (await Promise.all(PHASES.map((phase) => endedIn(deps, run, phase)))).flat();
  const of = Object.fromEntries(
    PLACED_KINDS.map((kind) => [kind, countsOf(kind, ended, plan)]),
  ) as UndoSummary["of"];
  const stayed = await stayedWithAccounts(deps, run, pulse);
  const { removed, kept, ...others } = of.membership;
  const membership = {
    ...others,
    removed: removed + plan.get(WITH_ACCOUNT) - stayed,
    kept: stayed === 0 ? kept : { ...kept, account_kept: stayed },
  };
  await ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
  return {
    mode: "undo",
    ledgerId: run.ledgerId,
    environment: run.environment,
    of: { ...of, membership },
    mailed: plan.get(MAILED),
    secretsKept: plan.get(SECRETS),
  };
}

/** Memberships whose accounts were to go, and stay. */
async function stayedWithAccounts(
  { ledger, destinationOf }: Deps,
  run: RunRef,
  pulse: Pulse,
): Promise<number> {
  const abilities = undoAbilities(destinationOf({ kind: run.destinationKind }));
  const slices = slicesAfter(
    "",
    ({ placed }: ToUndo) => placed.key,
    (after) =>
      ledger.read((db) => toUndoAfter(db, run.migrationId, "membership", after, SLICE_WALKED, abilities)),
  );
  let stayed = 0;
  for await (const slice of slices) {
    pulse.throwIfCancelled();
    stayed += slice.filter(({ fate }) => fate.kind === "with_account").length;
  }
  return stayed;
}

async function endedIn({ ledger }: Deps, run: RunRef, phase: FanOutPhase): Promise<EndedItems[]> {
  const ended: EndedItems[] = [];
  const last = await ledger.read((db) => lastOrdinal(db, run, phase));
  for (let from = 1; from <= last; from += SLICE)
    ended.push(...(await ledger.read((db) => endedByKind(db, run, phase, { from, to: from + SLICE - 1 }))));
  return ended;
}

function countsOf(kind: PlacedKind, all: readonly EndedItems[], plan: Tally): UndoCounts {
  const ended = all.filter((one) => one.kind === kind);
  const done = (intent: string) => sum(ended.filter((one) => one.state === "done" && one.intent === intent));
  return {
    removed: done("remove"),
    restored: done("restore"),
    kept: byReason([
      ...plan.withPrefix(`${LEFT}${kind}:`),
      ...ended.filter(({ state }) => state === "skipped").map(withReason),
    ]),
    failed: byReason(ended.filter(({ state }) => state === "failed").map(withReason)),
  };
}

function withReason({ code, items }: EndedItems): [string, number] {
  return [code ?? "unknown", items];
}

function byReason(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const reasons = new Map<string, number>();
  for (const [reason, items] of counts) reasons.set(reason, (reasons.get(reason) ?? 0) + items);
  return Object.fromEntries([...reasons].sort(([, one], [, other]) => other - one));
}

function sum(ended: readonly EndedItems[]): number {
  return ended.reduce((all, { items }) => all + items, 0);
}
