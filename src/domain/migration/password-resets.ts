import { z } from "zod";
import { attribute, perSecond, sub } from "./words.ts";

/** `HH:MM`, from midnight to midnight. */
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "09:00"');
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const timeZone = z.string().refine(isTimeZone, { message: 'must be a time zone such as "Europe/Berlin"' });

const sendWindow = z.strictObject({
  timeZone: timeZone.describe('Time zone of the window, such as "Europe/Berlin".'),
  from: clockTime.describe('When mails may begin, such as "09:00".'),
  to: clockTime.describe('When they stop. At or before "from": on the next day.'),
  weekdays: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS])
    .describe("On which days."),
});

export const MAX_CANARY = 100;

export const passwordResets = z.strictObject({
  send: z
    .boolean()
    .default(false)
    .describe("Mails whoever had a password a link to set a new one. Without it nobody is mailed."),
  delivery: z
    .enum(["destination", "own"])
    .default("destination")
    .describe('Who mails: "destination", or "own", a worker as SPILLWAY_MAIL says.'),
  canary: z
    .union([z.number().int().min(0).max(MAX_CANARY), z.array(sub).min(1).max(MAX_CANARY)])
    .default(3)
    .describe(
      `How many people are mailed first, or who, by sub; at most ${MAX_CANARY}. Everybody named must be one who gets a mail. Then the run waits for an approval, unless an earlier one counts.`,
    ),
  perSecond: perSecond.exactOptional().describe("Mails a second; may be below one."),
  perDay: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Mails a day at the most, by the time zone of the window, or UTC. Without it: no limit."),
  window: sendWindow.optional().describe("When mails may go out. Without it: at any time."),
  order: z
    .union(
      [
        z.enum(["recentFirst", "oldestFirst"]),
        z.strictObject({
          attribute: attribute.describe("A Cognito attribute."),
          first: z
            .array(z.string().min(1))
            .min(1)
            .max(20)
            .describe(
              "Its values in order, at most 20: whoever has the first one comes first, everybody else last.",
            ),
        }),
      ],
      { error: 'must be "recentFirst", "oldestFirst" or {"attribute": "…", "first": ["…"]}' },
    )
    .default("recentFirst")
    .describe("Who is mailed first: by creation in Cognito, or by an attribute."),
  onlyDomains: z
    .array(z.hostname().toLowerCase())
    .min(1)
    .optional()
    .describe(
      "For a rehearsal: only people with an address of these domains are mailed. Subdomains are not included. Without it: everybody.",
    ),
  unverified: z
    .enum(["undecided", "skip", "send"])
    .default("undecided")
    .describe(
      "Confirmed people whose address nobody verified. A completed reset verifies it: with a mistyped or squatted address a stranger gets the account. The run parks until the file chooses, if there are any.",
    ),
  acceptMfaLoss: z
    .boolean()
    .default(false)
    .describe(
      "A reset passes the second factor by. If the pool has second factors, the run parks until the file says that this is known.",
    ),
  alreadyThere: z
    .enum(["skip", "send"])
    .default("skip")
    .describe("People who had an account at the destination before: they may have been mailed already."),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
