/**
 * How the reset campaign looks at people in Cognito shortly before their mail. A call lists a page of people, or one by
 * their sub; both take of the same quota.
 */

/** The oldest look on which somebody is mailed, with time left for the call itself. */
export const MAX_LOOK_AGE_MS = 9 * 60_000;
/** Whoever is in a batch was looked at so lately that the look lasts until their turn. */
export const BATCH_LOOK_AGE_MS = 6.5 * 60_000;
/** A longer walk would have to begin anew before its first looks were used. */
const MAX_WALK_MS = 5 * 60_000;
/** Of the quota; the other half is the bridge's and, in a walk, that of people whom it missed. */
const LOOK_UP_SHARE = 1 / 2;

export interface Campaign {
  mailsPerSecond: number;
  /** Calls that list people. */
  callsPerSecond: number;
  /** Of the whole pool. */
  pages: number;
  /** That may go out one after the other, without a wait for a person or the clock. */
  mails: number;
  /** Only the first ones, before an approval: what is seen of others is old when it comes. */
  isCanary: boolean;
}

/** Page by page where looking people up one by one would hold the mails up, and a walk costs less and is over in time. Pure. */
export function lookWay(campaign: Campaign): "pages" | "subs" {
  const { mailsPerSecond, callsPerSecond, pages, mails, isCanary } = campaign;
  const areLookUpsEnough = isCanary || mailsPerSecond <= callsPerSecond * LOOK_UP_SHARE || mails <= pages;
  return areLookUpsEnough || walkMs(pages, callsPerSecond) > MAX_WALK_MS ? "subs" : "pages";
}

export function walkMs(pages: number, callsPerSecond: number): number {
  return (pages / callsPerSecond) * 1_000;
}

/** When the next walk begins, after the beginning of the one before: each person is seen again before their look is old. Pure. */
export function nextWalkAfterMs(pages: number, callsPerSecond: number): number {
  return Math.max(0, BATCH_LOOK_AGE_MS - WALKS_DIFFER * walkMs(pages, callsPerSecond));
}

/** Pages come in another order, and throttled ones later. */
const WALKS_DIFFER = 1.25;

/** What the looks leave of the campaign's pace. Pure. */
export function mailsPerSecondWithLooks(campaign: Campaign): number {
  const { mailsPerSecond, callsPerSecond } = campaign;
  return lookWay(campaign) === "pages" ? mailsPerSecond : Math.min(mailsPerSecond, callsPerSecond);
}
