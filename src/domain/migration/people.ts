import { z } from "zod";
import { MAX_NAMED_SUBS, sub, subs } from "./words.ts";

/** Who comes along, and what becomes of later changes. */
export const users = z.strictObject({
  /** Nobody who is disabled may become active, so `skip` is the only answer for a destination that disables nobody. */
  disabled: z
    .literal("skip")
    .default("skip")
    .describe("Disabled users. They stay out, as the destination has no disabled accounts."),
  unconfirmed: z
    .enum(["import", "skip"])
    .default("import")
    .describe(
      'Users who signed up and never confirmed. "import" brings them over with an unverified address.',
    ),
  quarantined: z
    .enum(["skip", "import"])
    .default("skip")
    .describe("Users with the status ARCHIVED, COMPROMISED, UNKNOWN, or one that AWS adds later."),
  onExisting: z
    .enum(["skip", "adopt"])
    .default("skip")
    .describe(
      'An account with the same address that Spillway did not make: "skip" leaves it alone, "adopt" takes it over.',
    ),
  disabledLater: z
    .enum(["report", "removeMemberships", "delete"])
    .default("report")
    .describe(
      'Users who were disabled after their import. "removeMemberships" removes the memberships that Spillway made, "delete" the account if Spillway made it.',
    ),
  deletedLater: z
    .enum(["report", "delete"])
    .default("report")
    .describe(
      'Users who were deleted in Cognito after their import. "delete" deletes the account if Spillway made it, unless somebody has its address or identity in Cognito.',
    ),
  changedThere: z
    .enum(["keep", "overwrite"])
    .default("keep")
    .describe(
      'A value that changed in Cognito, and that somebody changed at the destination as well. "keep" leaves that of the destination, "overwrite" writes that of Cognito.',
    ),
  decisions: z
    .record(sub, z.enum(["import", "skip", "readdress"]))
    .refine((decisions) => Object.keys(decisions).length <= MAX_NAMED_SUBS, {
      message: `may name at most ${MAX_NAMED_SUBS} people`,
    })
    .meta({ maxProperties: MAX_NAMED_SUBS })
    .default({})
    .describe(
      `What a person decided of somebody, by sub: "import", "skip", or "readdress", which gives the account the address of today. At most ${MAX_NAMED_SUBS}. \`./spillway decide FILE\` asks, and writes the answers.`,
    ),
});

/** A refinement: where zod's own check for whole numbers fails, it answers for the whole union. */
const people = z
  .number()
  .refine((count) => Number.isSafeInteger(count) && count > 0, { message: "must be a whole number above 0" })
  .meta({ type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A pilot. */
export const only = z.union(
  [
    z.strictObject({ group: z.string().min(1).max(128).describe("Members of this Cognito group.") }),
    z.strictObject({ subs: subs.describe(`These people, by sub; at most ${MAX_NAMED_SUBS}.`) }),
    z.strictObject({ limit: people.describe("At most so many accounts, in the order of their sub.") }),
  ],
  { error: 'must be one of {"group": "…"}, {"subs": ["…"]} or {"limit": 100}' },
);
