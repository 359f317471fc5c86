import type { Parsed } from "./migration.ts";

export interface MissingSetting {
  name: string;
  /** Where its value comes from, as an order; no full stop. */
  advice: string;
}

/** One sentence for all that are missing: whoever mends the first one is not sent back for the next. */
export function missingSettings(lacking: readonly MissingSetting[]): Parsed<never> {
  const [one, ...others] = lacking;
  if (one !== undefined && others.length === 0)
    return { ok: false, sentence: `The setting ${one.name} is missing; ${one.advice}.` };
  const each = lacking.map(({ name, advice }) => `${name} (${advice})`);
  return { ok: false, sentence: `These settings are missing: ${each.join(", ")}.` };
}
