import { hash } from "node:crypto";
import type { MailSink } from "../../delivery/mail-sink.ts";
import type { RunRef } from "../../domain/contract.ts";
import { finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import {
  type ApprovedMails,
  approvedMails,
  beginApproved,
  endApproved,
  forgetApproved,
} from "../../ledger/approved-mails.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { ledgerIncarnation } from "../../ledger/incarnation.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { holdMails } from "../../ledger/mail-record.ts";

/**
 * An approval holds for the people it was asked about. Those few who came since, a later run or a redrive mails by it as
 * well, where its campaign came to its end: the mails are the same ones, and somebody has seen them.
 */

interface Campaign {
  file: Migration;
  /** Who is left to mail. */
  people: number;
  /** Whether somebody may have been mailed of whom neither the ledger nor the destination tells. */
  mayForget: boolean;
  /** Sends mails of one's own; null where this worker has no settings for them. */
  mails: Pick<MailSink, "digest"> | null;
}

type Terms = Pick<ApprovedMails, "settings" | "incarnation">;

/** Whether mails go by an approval, of this run or of an earlier one, which is noted before the first of them. */
export async function goesByApproval(
  ledger: Ledger,
  run: RunRef,
  approved: boolean,
  campaign: Campaign,
): Promise<boolean> {
  const known = await ledger.read((db) => approvedMails(db, run));
  if (known?.run_id === run.firstRunId) return true;
  const incarnation = await ledger.read(ledgerIncarnation);
  const terms = { settings: await settingsOf(campaign), incarnation };
  if (approved) {
    await ledger.write((tx) => beginApproved(tx, run, { ...terms, people: campaign.people }));
    return true;
  }
  if (known === undefined || !isCovered(known, terms, campaign)) return false;
  const told = finding("mails_approved_earlier", { people: campaign.people });
  await ledger.write(async (tx) => {
    await beginApproved(tx, run, { ...terms, people: known.people });
    await replaceFindings(tx, run.migrationId, run.generation, "resets", [told]);
  });
  return true;
}

/**
 * A run that has to ask. Whoever answers soon may not know that the ledger is another one: what it has forgotten shows in the
 * destination's record, `lagMs` later at most, before anybody is mailed.
 */
export async function asksAnew(ledger: Ledger, run: RunRef, lagMs: number): Promise<void> {
  const known = await ledger.read((db) => approvedMails(db, run));
  if (known === undefined) return;
  const isAnother = known.incarnation !== (await ledger.read(ledgerIncarnation));
  await ledger.write(async (tx) => {
    if (isAnother) await holdMails(tx, run.migrationId, lagMs);
    await forgetApproved(tx, run);
  });
}

/** Nobody is left to mail. */
export async function campaignEnded(ledger: Ledger, run: RunRef): Promise<void> {
  const known = await ledger.read((db) => approvedMails(db, run));
  if (known?.run_id === run.firstRunId && known.ended === 0) await ledger.write((tx) => endApproved(tx, run));
}

/** A ledger that took the place of another one may have forgotten mails, and a campaign that was cancelled. */
function isCovered(known: ApprovedMails, terms: Terms, { people, mayForget }: Campaign): boolean {
  const isSame = known.settings === terms.settings && known.incarnation === terms.incarnation;
  return known.ended === 1 && isSame && people <= known.people && !mayForget;
}

/** Whom the file selects, how it mails them, and what they get from whom. A hash: the file may name people. */
async function settingsOf({ file: { passwordResets, only }, mails }: Campaign): Promise<string> {
  const own = passwordResets.delivery === "own" && mails !== null ? await mails.digest() : null;
  return hash("sha256", JSON.stringify([passwordResets, only ?? null, own]), "base64url");
}
