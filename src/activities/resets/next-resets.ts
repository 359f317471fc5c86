import type { Blocked, ResetInput, ResetStep, RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { destinationPaceKey } from "../../engine/pace-keys.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { mailsSince } from "../../ledger/mails.ts";
import { readPace } from "../../ledger/pace.ts";
import { firstOpen } from "../../ledger/queue-questions.ts";
import { readMigration } from "../../ledger/runs.ts";
import { dayOf, windowWaitMs } from "../../plan/send-window.ts";
import type { Deps } from "../deps.ts";
import { phaseTotals } from "../fan-out/open-work.ts";
import { CANARY_TO, planResets } from "./plan-resets.ts";

/** Short enough for progress, a closing window and a spent day to be seen soon. */
const BATCH_SECONDS = 20;
const MAX_BATCH_SIZE = 500;

/** What the campaign does next: some mails, or a wait. */
export async function nextResets(
  deps: Deps,
  { run, approved }: ResetInput,
  pulse: Pulse,
): Promise<ResetStep | Blocked> {
  const { ledger } = deps;
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  const { counters } = await planResets(deps, run, file, pulse);
  const totals = await phaseTotals(deps, run, "resets");
  const first = await ledger.read((db) => firstOpen(db, run, "resets"));
  if (first === null) return { status: "complete", totals };
  const canaryTo = counters[CANARY_TO] ?? 0;
  const isCanary = first <= canaryTo;
  if (!isCanary && !approved) return { status: "approval", totals };
  const { window, perDay } = file.passwordResets;
  const nowMs = await ledger.read((db) => ledgerNowMs(db));
  const shutMs = windowWaitMs(window, nowMs);
  if (shutMs > 0) return { status: "wait", forMs: shutMs, why: "The send window is shut.", totals };
  const left = await leftToday(deps, run, file, nowMs);
  if (left <= 0) {
    const forMs = dayOf(window, nowMs).endMs - nowMs;
    return { status: "wait", forMs, why: `Today's ${perDay} mails are sent.`, totals };
  }
  const size = Math.min(left, await batchSize(deps, file));
  const to = first + size - 1;
  return { status: "send", from: first, to: isCanary ? Math.min(to, canaryTo) : to, isCanary, totals };
}

async function leftToday({ ledger }: Deps, run: RunRef, file: Migration, nowMs: number): Promise<number> {
  const { window, perDay } = file.passwordResets;
  if (perDay === undefined) return Number.POSITIVE_INFINITY;
  const { startMs } = dayOf(window, nowMs);
  return perDay - (await ledger.read((db) => mailsSince(db, run.migrationId, startMs, perDay)));
}

async function batchSize(deps: Deps, file: Migration): Promise<number> {
  const key = destinationPaceKey(deps.destinationOf(file.destination), "resets");
  const perSecond = (await readPace(deps.ledger, [key])).get(key) ?? file.passwordResets.perSecond;
  return Math.max(1, Math.min(MAX_BATCH_SIZE, Math.round(perSecond * BATCH_SECONDS)));
}
