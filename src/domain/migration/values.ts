import { z } from "zod";
import { attribute } from "./words.ts";

/** What an account holds beside what every account does. */

/** A metadata value that is not one attribute: always the same, or several joined. */
const composed = z.union(
  [
    z.strictObject({ constant: z.string().min(1).describe("The same value for everybody.") }),
    z.strictObject({
      join: z
        .array(attribute)
        .min(2)
        .describe("Two or more Cognito attributes. Those that are empty are left out."),
      with: z.string().default(" ").describe("What stands between them."),
    }),
  ],
  { error: 'must be one of {"constant": "…"} or {"join": ["…", "…"], "with": " "}' },
);

/** Cognito attributes to metadata keys. */
export const attributes = z
  .record(attribute, z.string().min(1).nullable())
  .refine((mapping) => hasNoTwins(Object.values(mapping)), {
    message: "must not map two attributes to one key",
  });

/** Metadata keys to values. */
export const metadata = z.record(z.string().min(1), composed);

/** Nulls aside. */
export function hasNoTwins(keys: readonly (string | null)[]): boolean {
  const named = keys.filter((one) => one !== null);
  return new Set(named).size === named.length;
}
