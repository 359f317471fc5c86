import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { VENDORS } from "../destinations/registry.ts";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { MAX_FILE_BYTES, type Migration, megabytes, parseMigration } from "../domain/migration.ts";
import { required, UsageError } from "../exit.ts";
import { markLength, parseJsonFile } from "./json-file.ts";

export interface MigrationFile {
  migration: Migration;
  /** As it stands. */
  bytes: Uint8Array;
  /** Why the Temporal CLI cannot start a run with the file as it stands; null where it can. */
  cliTrouble: string | null;
}

/**
 * Temporal takes 2 MiB of a run's input (`limit.blobSize.error`). Its CLI sends the file as it stands, with its spaces,
 * and a few bytes beside it.
 */
const MAX_INPUT_BYTES = 2 * 1_024 * 1_024 - 1_024;

/** No indentation makes ten of one: what is longer holds more than a run takes, and is not read. */
const MAX_READ_BYTES = 10 * MAX_FILE_BYTES;

/** Throws UsageError with one sentence. */
export async function readMigrationFile(path: string): Promise<MigrationFile> {
  const bytes = await bytesOf(path);
  const file = parseJsonFile(bytes);
  if (!file.ok) throw new UsageError(`The file ${path} ${file.sentence}`);
  const migration = required(parseMigration(file.value, VENDORS));
  return { migration, bytes, cliTrouble: cliTroubleOf(bytes) };
}

/** Throws UsageError with one sentence. */
export async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    // A pipe without a writer would hold up whoever opens it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw cannotBeRead(path, "EISDIR");
      if (!status.isFile())
        throw new UsageError(
          `${path} is a pipe or a device: name a file, which a run can be started with again.`,
        );
      if (status.size > MAX_READ_BYTES)
        throw new UsageError(
          `The migration file is too large: ${path} has ${megabytes(status.size)} MB, and a run takes ${megabytes(MAX_FILE_BYTES)} MB as JSON without spaces; name fewer people in it.`,
        );
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT") throw new UsageError(`There is no file ${path}.`);
    throw code === null ? error : cannotBeRead(path, code);
  }
}

function cannotBeRead(path: string, code: string): UsageError {
  return new UsageError(`The file ${path} cannot be read: ${fileTrouble(code)}.`);
}

function cliTroubleOf(bytes: Uint8Array): string | null {
  if (markLength(bytes) > 0)
    return "The file begins with a byte order mark, which the Temporal CLI does not take: save it without one.";
  if (bytes.length > MAX_INPUT_BYTES)
    return `The file has ${(bytes.length / 1_000_000).toFixed(1)} MB with its spaces, and the Temporal CLI sends it as it stands, where Temporal takes 2.1 MB: take spaces out.`;
  return null;
}
