import { z } from "zod";
import { attribute, perSecond, sub } from "./words.ts";

/** `HH:MM`, from midnight to midnight. */
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "09:00"');
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const timeZone = z.string().refine(isTimeZone, { message: 'must be a time zone such as "Europe/Berlin"' });

/** When mails may go out; `from` later than `to` spans midnight. */
const sendWindow = z.strictObject({
  timeZone,
  from: clockTime,
  to: clockTime,
  weekdays: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
});

export const MAX_CANARY = 100;

export const passwordResets = z.strictObject({
  /** Without it nobody is mailed. */
  send: z.boolean().default(false),
  /** Who mails: the destination, or this worker's SPILLWAY_MAIL with a token of the destination's. */
  delivery: z.enum(["destination", "own"]).default("destination"),
  /** How many people get theirs first, or who; then the run waits for an approval. */
  canary: z.union([z.number().int().min(0).max(MAX_CANARY), z.array(sub).min(1).max(MAX_CANARY)]).default(3),
  /** Where the file names none, the destination's own. */
  perSecond: perSecond.exactOptional(),
  /** Mails a day at the most, by the window's days, or UTC's without a window. */
  perDay: z.number().int().positive().optional(),
  window: sendWindow.optional(),
  order: z
    .union(
      [
        z.enum(["recentFirst", "oldestFirst"]),
        /** Whoever has the first of these values comes first; everyone else last. */
        z.strictObject({ attribute, first: z.array(z.string().min(1)).min(1).max(20) }),
      ],
      { error: 'must be "recentFirst", "oldestFirst" or {"attribute": "…", "first": ["…"]}' },
    )
    .default("recentFirst"),
  /** For staging: nobody else is mailed. */
  onlyDomains: z.array(z.hostname().toLowerCase()).min(1).optional(),
  /**
   * Confirmed people whose address nobody verified: a completed reset verifies it, so a mistyped or squatted address
   * would get the account. The file has to choose.
   */
  unverified: z.enum(["undecided", "skip", "send"]).default("undecided"),
  /** A reset drops the second factor: the file has to say that this is known. */
  acceptMfaLoss: z.boolean().default(false),
  /** People whom the destination had before, of whom this ledger knows nothing: they may have been mailed already. */
  alreadyThere: z.enum(["skip", "send"]).default("skip"),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
