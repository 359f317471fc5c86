/**
 * How the reset campaign looks at people in Cognito shortly before their mail. A call lists a page of people, or one by
 * their sub; both take of the same quota.
 */

/** The oldest look on which somebody is mailed, with time left for the call itself. */
export const MAX_LOOK_AGE_MS = 9 * 60_000;
/** Whoever begins a batch was looked at so lately that the look lasts until their turn. */
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
  /** What the last walk took, or would have: each page waits for the one before, so the pace may be out of reach. */
  walkTookMs: number | null;
}

/** Page by page where looking people up one by one would hold the mails up, and a walk costs less and is over in time. Pure. */
export function lookWay(campaign: Campaign): "pages" | "subs" {
  const { mailsPerSecond, callsPerSecond, pages, mails, isCanary } = campaign;
  const areLookUpsEnough = isCanary || mailsPerSecond <= callsPerSecond * LOOK_UP_SHARE || mails <= pages;
  return areLookUpsEnough || walkMs(campaign) > MAX_WALK_MS ? "subs" : "pages";
}

type Paced = Pick<Campaign, "pages" | "callsPerSecond" | "walkTookMs">;

export function walkMs({ pages, callsPerSecond, walkTookMs }: Paced): number {
  return Math.max((pages / callsPerSecond) * 1_000, walkTookMs ?? 0);
}

/** When the next walk begins, after the beginning of the one before: each person is seen again before their look is old. Pure. */
export function nextWalkAfterMs(paced: Paced): number {
  return Math.max(0, BATCH_LOOK_AGE_MS - WALKS_DIFFER * walkMs(paced));
}

/** Pages come in another order, and throttled ones later. */
const WALKS_DIFFER = 1.25;

/** How a walk goes on. */
export interface WalkProgress {
  /** Since it began, whatever held it up. */
  forMs: number;
  pagesRead: number;
}

/** Before this a throttled page says too much. */
const TELLING_MS = 45_000;

/**
 * How long a walk takes that will not end in time, by what it has read so far; null while it may. Whom it has not come to
 * is looked up then. Pure.
 */
export function tooLongMs({ forMs, pagesRead }: WalkProgress, pages: number): number | null {
  if (forMs < TELLING_MS) return null;
  const wholeMs = Math.max(forMs, (forMs * pages) / Math.max(1, pagesRead));
  return wholeMs > MAX_WALK_MS ? wholeMs : null;
}

/** What the looks leave of the campaign's pace. Pure. */
export function mailsPerSecondWithLooks(campaign: Campaign): number {
  const { mailsPerSecond, callsPerSecond } = campaign;
  return lookWay(campaign) === "pages" ? mailsPerSecond : Math.min(mailsPerSecond, callsPerSecond);
}
