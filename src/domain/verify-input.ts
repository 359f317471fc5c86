import type { z } from "zod";
import { knownMigration, parseKnown } from "./known-input.ts";
import type { Parsed } from "./migration.ts";

/** What a verification by itself is asked for: the migration that is verified. */
export type VerifyInput = z.output<typeof knownMigration>;

export function parseVerify(input: unknown): Parsed<VerifyInput> {
  return parseKnown(knownMigration, "the verification", input);
}
