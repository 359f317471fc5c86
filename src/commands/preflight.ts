import type { UserSource } from "../cognito/source.ts";
import type { Destination } from "../destinations/destination.ts";
import type { ConfiguredVendor } from "../destinations/registry.ts";
import { sentenceOf } from "../domain/findings.ts";
import type { Migration } from "../domain/migration.ts";
import type { PoolShape } from "../domain/pool.ts";
import { required, UsageError } from "../exit.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { unknownAttributes } from "../plan/findings/rules.ts";
import { metadataKeys } from "../plan/record.ts";
import { destinationSettings, type Settings } from "../settings.ts";
import { askDestination, askSource, nameOf } from "./ask.ts";

/** Looks at both sides before anything is started. Everything throws UsageError with one sentence. */

/** The destination, its settings present and its limits good for the file's mapping. */
export function checkMapping(migration: Migration, settings: Settings): Destination {
  const destination = destinationOf(migration, settings);
  const { environment = destination.environment } = migration.destination;
  if (environment !== destination.environment)
    throw new UsageError(
      `The settings lead to ${nameOf(destination.kind)} environment ${destination.environment}, and the migration file names ${environment}: set the settings of that one, or leave "destination.environment" out.`,
    );
  const [problem] = destination.mappingProblems(metadataKeys(migration));
  if (problem !== undefined)
    throw new UsageError(`The migration file is wrong: "attributes" and "metadata": ${problem}`);
  return destination;
}

/** The destination, its settings present. */
export function destinationOf(migration: Migration, settings: Settings): Destination {
  return configuredOf(migration, settings).connect();
}

/** The destination of a migration that was: the settings may lead to another environment by now. */
export function destinationHere(
  { file, environment }: Pick<MigrationRow, "file" | "environment">,
  settings: Settings,
): Destination {
  const destination = destinationOf(file, settings);
  if (destination.environment === environment) return destination;
  throw new UsageError(
    `The settings lead to ${nameOf(destination.kind)} environment ${destination.environment}, and this migration went to ${environment}: set the settings of that one.`,
  );
}

/** Where a migration went, for the input of a run about it: a worker of another environment then does nothing. */
export function placeOf({ destinationKind: kind, environment }: MigrationRow): Migration["destination"] {
  return { kind, environment };
}

/** The settings of the destination. */
export function configuredOf({ destination }: Migration, settings: Settings): ConfiguredVendor {
  return required(destinationSettings(settings, destination.kind));
}

/** Proves the access to the pool and to the destination; the run itself looks at everything else. */
export async function checkAccess(migration: Migration, destination: Destination): Promise<PoolShape> {
  const { createUserSource } = await import("../cognito/user-pool.ts");
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
  const [unknown] = unknownAttributes(migration, shape);
  if (unknown !== undefined) throw new UsageError(sentenceOf(unknown));
  return shape;
}
