import type { PoolShape, UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import type { Destination } from "../destinations/destination.ts";
import { required, UsageError } from "../exit.ts";
import type { Migration } from "../migration.ts";
import { metadataKeys } from "../plan/record.ts";
import type { Settings } from "../settings.ts";
import { destinationFor } from "../temporal/deps.ts";
import { askDestination, askSource } from "./ask.ts";

/** Looks at both sides before anything is started. Everything throws UsageError with one sentence. */

/** The destination, its settings present and its limits good for the file's mapping. */
export function checkMapping(migration: Migration, settings: Settings): Destination {
  const destination = destinationOf(migration, settings);
  const [problem] = destination.mappingProblems(metadataKeys(migration));
  if (problem !== undefined)
    throw new UsageError(`The migration file is wrong: "attributes" and "metadata": ${problem}`);
  return destination;
}

/** The destination, its settings present. */
export function destinationOf({ destination }: Migration, settings: Settings): Destination {
  required(settings.workos);
  return destinationFor(settings, destination.kind);
}

/** Proves the access to the pool and to the destination. */
export async function checkAccess(migration: Migration, destination: Destination): Promise<PoolShape> {
  const source = createUserSource(migration.source);
  try {
    const shape = await readPool(source, migration);
    await askDestination(destination, () => destination.checkAccess());
    return shape;
  } finally {
    source.close();
  }
}

async function readPool(source: UserSource, migration: Migration): Promise<PoolShape> {
  const shape = await askSource(migration.source, () => source.describePool());
  await askSource(migration.source, () => source.listUsers(null, 1));
  const unknown = Object.keys(migration.attributes).find((name) => !shape.attributeNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`The pool has no attribute "${unknown}"; mend "attributes" in the migration file.`);
  return shape;
}
