import type { ClaimedItem } from "../../ledger/queue.ts";
import { fingerprintOf } from "../../plan/fingerprint.ts";

/** What a claimed item is about, where that is a planned object. `T` is what its kind was planned with. */
export function plannedRecord<T extends object>({
  kind,
  key,
  data,
}: ClaimedItem): {
  record: T;
  fingerprint: string;
} {
  if (data === null) throw new Error(`The plan does not hold the ${kind} ${key} of a work item.`);
  // Written by the plan only, with the kind that says what it is.
  const record = JSON.parse(data) as T & Readonly<Record<string, unknown>>;
  return { record, fingerprint: fingerprintOf(record) };
}
