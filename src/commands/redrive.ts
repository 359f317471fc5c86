import { toldOf } from "../domain/told-at-start.ts";
import type { Choice } from "./choose-migration.ts";
import { confirmOrLeave } from "./confirm.ts";
import { knownMigrationHere } from "./known-migration.ts";
import { configuredOf, placeOf } from "./preflight.ts";

interface RedriveOptions extends Pick<Choice, "environment"> {
  yes?: boolean;
}

/** Tries again what failed, here and now: a pipeline goes on with its exit code. */
export async function redrive(pool: string, options: RedriveOptions): Promise<void> {
  const { settings, migration } = await knownMigrationHere(pool, options);
  const { isLive, vendor } = configuredOf(migration.file, settings);
  if (isLive)
    await confirmOrLeave(
      `The ${vendor.name} key is a live key. Try again in production what failed?`,
      options.yes ?? false,
    );
  const { workToEnd } = await import("./work-to-end.ts");
  await workToEnd(settings, {
    workflowType: "redriveMigration",
    verb: "redrive",
    userPoolId: pool,
    environment: migration.environment,
    told: toldOf("redrive", { userPoolId: pool, vendor: vendor.name, environment: migration.environment }),
    input: { userPoolId: pool, destination: placeOf(migration) },
    mayAttach: true,
    next: () => "How everyone has ended by now: ./spillway report --out report",
  });
}
