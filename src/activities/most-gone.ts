import { blocked } from "../domain/blocked.ts";
import type { Blocked } from "../domain/contract.ts";

/** When people whom a list of the destination does not show are too many to have been removed by hand. */

/** Fewer than these may well have been. */
const MIN_MISSED = 5;
/** So many of them are asked for one by one. */
export const SAMPLE = 20;

export interface Missed {
  /** Who stands by the ledger. */
  of: number;
  missed: number;
}

export function areMostMissed({ of, missed }: Missed): boolean {
  return missed >= MIN_MISSED && missed > of / 2;
}

/** Null where most of the sample is there after all. */
export function goneIn(sampled: number, gone: number, { of, missed }: Missed): Blocked | null {
  if (gone <= sampled / 2) return null;
  return blocked("accounts_gone", {
    detail: `the list shows ${of - missed} of ${of}, and of ${sampled} others ${gone} are not there`,
  });
}
