import { hash } from "node:crypto";
import { type MailSink, NO_MAIL_SINK } from "../../delivery/mail-sink.ts";
import type { ResetInput, RunRef } from "../../domain/contract.ts";
import { finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import {
  type ApprovedMails,
  approvedMails,
  beginApproved,
  beginAsking,
  endApproved,
} from "../../ledger/approved-mails.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { ledgerIncarnation } from "../../ledger/incarnation.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import { holdMails } from "../../ledger/mail-record.ts";
import { ConfigurationError } from "../deps.ts";

/**
 * An approval holds for the people it was asked about, and for the mails that somebody could look at: the run notes who
 * sends them before the first one. Those few people who came since, a later run or a redrive mails by it as well, where its
 * campaign came to its end: the mails are the same ones, and somebody has seen them.
 */

interface Mails {
  file: Migration;
  /** Sends mails of one's own; null where this worker has no settings for them. */
  mails: Pick<MailSink, "digest"> | null;
}

interface Campaign extends Mails {
  /** Who is left to mail. */
  people: number;
  /** Whether somebody may have been mailed of whom neither the ledger nor the destination tells. */
  mayForget: boolean;
  /** By then the destination's record names every mail. */
  lagMs: number;
}

type Terms = Pick<ApprovedMails, "settings" | "incarnation">;

/** Whether mails go by an approval, and which question of this run it answers, or would. */
interface Standing {
  isApproved: boolean;
  asking: number;
}

/**
 * Whether mails go by an approval, of this run or of an earlier one, which is noted before the first of them; so is what is
 * asked about. Where this worker's mails have another sender than those that somebody could look at, the run asks anew, and
 * `moveFirst` says who gets the first of these.
 */
export async function standingOf(
  ledger: Ledger,
  { run, approved, asking = 0 }: Pick<ResetInput, "run" | "approved" | "asking">,
  campaign: Campaign,
  moveFirst: (tx: Tx) => Promise<void>,
): Promise<Standing> {
  const known = await ledger.read((db) => approvedMails(db, run));
  const own = known?.run_id === run.firstRunId ? known : undefined;
  const terms = { settings: await settingsOf(campaign), incarnation: await ledger.read(ledgerIncarnation) };
  const { people } = campaign;
  if (own !== undefined && own.settings !== terms.settings) {
    const next = own.asking + 1;
    await ledger.write(async (tx) => {
      await beginAsking(tx, run, { ...terms, people, asking: next });
      await moveFirst(tx);
    });
    return { isApproved: false, asking: next };
  }
  if (own?.approved === 1) return { isApproved: true, asking: own.asking };
  if (approved && (own === undefined || own.asking === asking)) {
    await ledger.write((tx) => beginApproved(tx, run, { ...terms, people, asking }));
    return { isApproved: true, asking };
  }
  if (own !== undefined) return { isApproved: false, asking: own.asking };
  if (known !== undefined && isCovered(known, terms, campaign)) {
    const told = finding("mails_approved_earlier", { people });
    await ledger.write(async (tx) => {
      await beginApproved(tx, run, { ...terms, people: known.people, asking: 0 });
      await replaceFindings(tx, run.migrationId, run.generation, "resets", [told]);
    });
    return { isApproved: true, asking: 0 };
  }
  await asks(ledger, run, known, { ...terms, people, asking: 0 }, campaign.lagMs);
  return { isApproved: false, asking: 0 };
}

/**
 * A run that has to ask. Whoever answers soon may not know that the ledger is another one: what it has forgotten shows in the
 * destination's record, `lagMs` later at most, before anybody is mailed.
 */
async function asks(
  ledger: Ledger,
  run: RunRef,
  known: ApprovedMails | undefined,
  asked: Terms & Pick<ApprovedMails, "people" | "asking">,
  lagMs: number,
): Promise<void> {
  const isAnother = known !== undefined && known.incarnation !== asked.incarnation;
  await ledger.write(async (tx) => {
    if (isAnother) await holdMails(tx, run.migrationId, lagMs);
    await beginAsking(tx, run, asked);
  });
}

/** Whether this worker's mails are those that somebody could look at; one of another sender leaves them to the next step. */
export async function sendsAsAsked(ledger: Ledger, run: RunRef, mails: Mails): Promise<boolean> {
  const known = await ledger.read((db) => approvedMails(db, run));
  return known?.run_id !== run.firstRunId || known.settings === (await settingsOf(mails));
}

/** Nobody is left to mail. */
export async function campaignEnded(ledger: Ledger, run: RunRef): Promise<void> {
  const known = await ledger.read((db) => approvedMails(db, run));
  const isOpen = known?.run_id === run.firstRunId && known.approved === 1 && known.ended === 0;
  if (isOpen) await ledger.write((tx) => endApproved(tx, run));
}

/** A ledger that took the place of another one may have forgotten mails, and a campaign that was cancelled. */
function isCovered(known: ApprovedMails, terms: Terms, { people, mayForget }: Campaign): boolean {
  const isSame = known.settings === terms.settings && known.incarnation === terms.incarnation;
  return known.ended === 1 && isSame && people <= known.people && !mayForget;
}

/** Whom the file selects, how it mails them, and what they get from whom. A hash: the file may name people. */
async function settingsOf({ file: { passwordResets, only }, mails }: Mails): Promise<string> {
  const isOwn = passwordResets.delivery === "own";
  if (isOwn && mails === null) throw new ConfigurationError(NO_MAIL_SINK);
  const own = isOwn && mails !== null ? await mails.digest() : null;
  return hash("sha256", JSON.stringify([passwordResets, only ?? null, own]), "base64url");
}
