import type { Outcome } from "../../destinations/sending.ts";
import type { PhaseTotals, ResetBatchInput } from "../../domain/contract.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type ForgottenMail, noteForgotten } from "../../ledger/mail-record.ts";
import { accountedAmong } from "../../ledger/mails.ts";
import { rangeCounts } from "../../ledger/queue-questions.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { UNSETTLED } from "./mailing.ts";

/**
 * A ledger that goes back while mails go out, as in a fail-over of PostgreSQL that loses the last seconds, lets the same
 * people be claimed once more before the destination's record shows their mails. Three things outside of it remember: the
 * worker whom it mailed, Temporal how much of a batch was settled, and the run how much of all.
 */

export const GONE_BACK =
  "The ledger has forgotten mails that went out, as after a fail-over or a restore: the run goes on by itself once the destination's record shows all of them.";

/** The batch ends before anybody is mailed a second time. */
export class LedgerGoneBackError extends Error {
  override readonly name = "LedgerGoneBackError";
}

/** A ledger forgets seconds of mails; who has mailed more since is told from what is settled. */
const REMEMBERED = 20_000;

/** How a mail of this worker ended; `unknown` where the destination's record will tell. */
type Ended = { state: "mailed"; mailId: string } | { state: "unsettled" } | { state: "unknown" };

/** Whom this worker has mailed, by sub; nothing of it is kept. */
export class MailsHere {
  readonly #ended = new Map<string, Ended>();

  has(sub: string): boolean {
    return this.#ended.has(sub);
  }

  /** Of a mail that had no effect nothing is remembered. */
  note(sub: string, outcome: Outcome): void {
    const ended = endOf(outcome);
    if (ended === null) return;
    this.#ended.set(sub, ended);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= REMEMBERED) break;
      this.#ended.delete(oldest);
    }
  }

  /** Tells a ledger that has gone back. What the record has to tell is remembered no more. */
  async tell(ledger: Ledger, run: RunOfMigration): Promise<void> {
    const known = [...this.#ended];
    for (const [sub, { state }] of known) if (state === "unknown") this.#ended.delete(sub);
    await ledger.write(async (tx) => {
      const atMs = await ledgerNowMs(tx);
      const accounted = await accountedAmong(
        tx,
        run.migrationId,
        known.map(([sub]) => sub),
      );
      for (const [sub, ended] of known)
        if (ended.state !== "unknown" && !accounted.has(sub))
          await noteForgotten(tx, run, forgotten(sub, ended, atMs), ended.state);
    });
  }
}

function endOf(outcome: Outcome): Ended | null {
  if (outcome.kind === "created") return { state: "mailed", mailId: outcome.destinationId };
  if (outcome.kind === "unknown") return { state: "unknown" };
  const isUnsettled = outcome.kind === "skipped" && outcome.reason === UNSETTLED.reason;
  return isUnsettled ? { state: "unsettled" } : null;
}

function forgotten(sub: string, ended: Exclude<Ended, { state: "unknown" }>, atMs: number): ForgottenMail {
  return { sub, atMs, resetId: ended.state === "mailed" ? ended.mailId : null };
}

const HERE = new WeakMap<Ledger, Map<number, MailsHere>>();

/** One for a migration in this process, over all batches and runs. */
export function mailsHere(ledger: Ledger, { migrationId }: RunOfMigration): MailsHere {
  const ofLedger = HERE.get(ledger) ?? new Map<number, MailsHere>();
  HERE.set(ledger, ofLedger);
  const here = ofLedger.get(migrationId) ?? new MailsHere();
  ofLedger.set(migrationId, here);
  return here;
}

/** What is settled for good: what has failed may be open again. */
export function settledOf({ done, skipped }: Pick<PhaseTotals, "done" | "skipped">): number {
  return done + skipped;
}

/** Whether an earlier attempt of this batch, as Temporal heard of it, had settled more than the ledger knows. */
export async function isBehindTemporal(
  ledger: Ledger,
  { run, from, to, dueByMs }: ResetBatchInput,
  { done = 0, skipped = 0 }: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const counts = await ledger.read((db) => rangeCounts(db, { ...run, phase: "resets", from, to, dueByMs }));
  return settledOf(counts) < Number(done) + Number(skipped);
}
