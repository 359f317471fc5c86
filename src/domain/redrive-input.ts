import type { z } from "zod";
import { knownMigration, parseKnown } from "./known-input.ts";
import type { Parsed } from "./migration.ts";

/** What a redrive is asked for: the migration that has failures. */
export type RedriveInput = z.output<typeof knownMigration>;

export function parseRedrive(input: unknown): Parsed<RedriveInput> {
  return parseKnown(knownMigration, "the redrive", input);
}
