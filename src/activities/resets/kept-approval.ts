import { hash } from "node:crypto";
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
import type { Ledger } from "../../ledger/ledger.ts";

/**
 * An approval holds for the people it was asked about. Those few who came since, a later run mails by it as well, where its
 * campaign came to its end: the mails are the same ones, and somebody has seen them.
 */

interface Campaign {
  file: Migration;
  /** Who is in this run's queue. */
  people: number;
  /** Whether somebody may have been mailed of whom neither the ledger nor the destination tells. */
  mayForget: boolean;
}

/** Whether mails go by an approval, of this run or of an earlier one, which is noted before the first of them. */
export async function goesByApproval(
  ledger: Ledger,
  run: RunRef,
  approved: boolean,
  campaign: Campaign,
): Promise<boolean> {
  const known = await ledger.read((db) => approvedMails(db, run));
  if (known?.generation === run.generation) return true;
  const settings = settingsOf(campaign.file);
  if (approved) {
    await ledger.write((tx) => beginApproved(tx, run, { settings, people: campaign.people }));
    return true;
  }
  if (known === undefined) return false;
  if (!isCovered(known, settings, campaign)) return false;
  const told = finding("mails_approved_earlier", { people: campaign.people });
  await ledger.write(async (tx) => {
    await beginApproved(tx, run, { settings, people: known.people });
    await replaceFindings(tx, run.migrationId, run.generation, "resets", [told]);
  });
  return true;
}

/** A run that has to ask. */
export async function asksAnew(ledger: Ledger, run: RunRef): Promise<void> {
  if ((await ledger.read((db) => approvedMails(db, run))) === undefined) return;
  await ledger.write((tx) => forgetApproved(tx, run));
}

/** Nobody is left to mail. */
export async function campaignEnded(ledger: Ledger, run: RunRef): Promise<void> {
  const known = await ledger.read((db) => approvedMails(db, run));
  if (known?.generation === run.generation && known.ended === 0)
    await ledger.write((tx) => endApproved(tx, run));
}

function isCovered(known: ApprovedMails, settings: string, { people, mayForget }: Campaign): boolean {
  return known.ended === 1 && known.settings === settings && people <= known.people && !mayForget;
}

/** Whom the file selects, and how it mails them. A hash: the file may name people. */
function settingsOf({ passwordResets, only }: Migration): string {
  return hash("sha256", JSON.stringify([passwordResets, only ?? null]), "base64url");
}
