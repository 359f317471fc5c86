import { VENDORS } from "../destinations/registry.ts";
import { type Migration, type MigrationFile, parseMigration } from "../domain/migration.ts";
import { required } from "../exit.ts";

/** What a file with somebody's answer in it would be refused for, as a prompt shows it; true for nothing. */
export function refusalOf(file: MigrationFile): true | string {
  const parsed = parseMigration(file, VENDORS);
  return parsed.ok || parsed.sentence.replace("The migration file is wrong: ", "");
}

/** The file so far, as the rules take it. */
export function soFar(file: MigrationFile): Migration {
  return required(parseMigration(file, VENDORS));
}
