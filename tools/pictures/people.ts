import type { MigrationFile } from "../../src/domain/migration.ts";
import { withPasswords } from "../../test/doubles/pool/passwords.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";
import { demoPool } from "../demo/pool.ts";
import { playgroundFile } from "../playground/migration-file.ts";

/** Who moves in the pictures, and by which file: the same ones each time. */

const USERS = 600;
const SEED = 1;
/** It makes batches so small that the Temporal UI counts several while users are written. */
const WRITES_PER_SECOND = 2;

export function peopleOfPictures(): Pool {
  return withPasswords(demoPool(USERS, SEED), SEED);
}

export function fileOfPictures(pool: Pool): MigrationFile {
  const file = playgroundFile(pool);
  return { ...file, pace: { ...file.pace, writesPerSecond: WRITES_PER_SECOND } };
}
