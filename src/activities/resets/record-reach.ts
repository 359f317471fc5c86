import type { ResetFacts } from "../../destinations/facts.ts";
import { CLOCK_TOLERANCE_MS } from "../../destinations/sending.ts";
import type { Migration } from "../../domain/migration.ts";
import type { MailRecordPosition } from "../../ledger/mail-record.ts";

type Record = NonNullable<ResetFacts["record"]>;
type Policy = Migration["passwordResets"];
type Began = Pick<MailRecordPosition, "beganAtMs">;

/**
 * From when on the destination's record of mails tells of this migration's people: since its first import, which came
 * after its beginning. Of accounts that stood before this ledger knew of them, as after the loss of another one, nobody
 * knows the age: where they are mailed, the whole record counts.
 */
export function recordSinceMs(record: Record, policy: Policy, { beganAtMs }: Began, nowMs: number): number {
  const keptSinceMs = nowMs - record.keptMs;
  const firstMs = firstImportMs(policy, beganAtMs);
  return firstMs === null ? keptSinceMs : Math.max(firstMs - CLOCK_TOLERANCE_MS, keptSinceMs);
}

/** What nobody can know of mails that went out before, in sentences for whoever approves; null where all is known. Pure. */
export function whatCannotBeKnown(
  record: Record | null,
  policy: Policy,
  { beganAtMs }: Began,
  nowMs: number,
): string | null {
  if (record === null)
    return "The destination keeps no record of mails: if this ledger was restored from a back-up, whoever was mailed since does not show here, and would be mailed once more.";
  const sentences: string[] = [];
  if (policy.delivery === "own")
    sentences.push(
      "The destination's record tells of links, not of hand-overs: if this ledger was restored from a back-up, whoever had a link made since may have been mailed, counts as unsettled and is not mailed again.",
    );
  if (mayForget(record, policy, { beganAtMs }, nowMs))
    sentences.push(
      `The destination's record of mails reaches back to ${dayOf(nowMs - record.keptMs)}, and accounts here may be older: if another ledger was lost, or this one restored from a back-up, whoever was mailed before that day does not show here, and would be mailed once more.`,
    );
  return sentences.length === 0 ? null : sentences.join(" ");
}

/** Whether somebody whom a restored ledger forgot may be mailed once more: no record tells of them. Pure. */
export function mayForget(
  record: Record | null,
  policy: Policy,
  { beganAtMs }: Began,
  nowMs: number,
): boolean {
  if (record === null) return true;
  const firstMs = firstImportMs(policy, beganAtMs);
  return firstMs === null || firstMs < nowMs - record.keptMs;
}

/** No later than the first import of those who are mailed; null where nobody knows. */
function firstImportMs({ alreadyThere }: Policy, beganAtMs: number | null): number | null {
  return alreadyThere === "send" ? null : beganAtMs;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
