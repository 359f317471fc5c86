import { z } from "zod";

export const optionsSchema = z.strictObject({
  /** The API key that is taken; another one answers 401 from now on. */
  key: z.string().min(1).default("sk_test_double"),
  /** Every call answers 403. */
  forbidden: z.boolean().default(false),
  /** WorkOS answers 400 for an address or external id in use; `conflict409` answers as emulators do. */
  duplicateStyle: z.enum(["creation_error", "conflict409"]).default("creation_error"),
  /** Multiplies every rate limit. */
  limitScale: z.number().positive().default(1),
  unlimited: z.boolean().default(false),
  latencyMs: z.number().min(0).default(0),
  /** Look-ups by external id and e-mail and the list do not show a user until this long after its creation. */
  lookupLagMs: z.number().min(0).default(0),
});

export type WorkosDoubleOptions = z.output<typeof optionsSchema>;
export type GivenOptions = z.input<typeof optionsSchema>;
