import type { Outcome } from "../../destinations/sending.ts";
import type { RunRef } from "../../domain/contract.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type ForgottenMail, noteForgotten } from "../../ledger/mail-record.ts";
import { mailedAmong } from "../../ledger/mails.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { UNSETTLED } from "./mailing.ts";

/** This worker has mailed somebody of whom the ledger knows no mail: the batch ends before it mails them again. */
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

  /** How their mail ended; null where that is not known here. */
  endOf(sub: string): Outcome | null {
    const ended = this.#ended.get(sub);
    if (ended === undefined || ended.state === "unknown") return null;
    return ended.state === "unsettled" ? UNSETTLED : { kind: "created", destinationId: ended.mailId };
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
      const accounted = await mailedAmong(
        tx,
        run.migrationId,
        known.map(([sub]) => sub),
      );
      for (const state of ["mailed", "unsettled"] as const) {
        const ended = known.filter(([sub, end]) => end.state === state && !accounted.has(sub));
        await noteForgotten(
          tx,
          run,
          ended.map(([sub, end]) => forgotten(sub, end, atMs)),
          state,
        );
      }
    });
  }
}

function endOf(outcome: Outcome): Ended | null {
  if (outcome.kind === "created") return { state: "mailed", mailId: outcome.destinationId };
  if (outcome.kind === "unknown") return { state: "unknown" };
  const isUnsettled = outcome.kind === "skipped" && outcome.reason === UNSETTLED.reason;
  return isUnsettled ? { state: "unsettled" } : null;
}

function forgotten(sub: string, ended: Ended, atMs: number): ForgottenMail {
  return { sub, atMs, resetId: ended.state === "mailed" ? ended.mailId : null };
}

/** By ledger, migration and undo: each attempt of an activity has a session of its own, and forgets nothing with it. */
const HERE = new Map<string, MailsHere>();

/** A run, and the newest undo before it. */
export type MailingRun = RunOfMigration & Pick<RunRef, "undoneGeneration">;

/** One for a migration in this process, over all batches and runs since its newest undo. */
export function mailsHere(
  { id }: Pick<Ledger, "id">,
  { migrationId, undoneGeneration = 0 }: MailingRun,
): MailsHere {
  const key = `${id}/${migrationId}/${undoneGeneration}`;
  const here = HERE.get(key) ?? new MailsHere();
  HERE.set(key, here);
  return here;
}
