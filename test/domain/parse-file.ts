import { VENDORS } from "../../src/destinations/registry.ts";
import {
  type Migration,
  type MigrationFile,
  type Parsed,
  parseMigration,
} from "../../src/domain/migration.ts";

/** A migration file, to one of the destinations of the registry. */
export function parseFile(file: unknown): Parsed<Migration> {
  return parseMigration(file, VENDORS);
}

/** Throws where it is wrong. */
export function migrationOf(file: MigrationFile): Migration {
  const parsed = parseFile(file);
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}
