import { namedPath } from "../called-as.ts";
import type { Migration } from "../domain/migration.ts";
import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { toldOfMigration } from "../domain/told-at-start.ts";
import { poolFindings } from "../plan/findings/pool.ts";
import { NOTHING_FORESEEN } from "../plan/phase-seconds.ts";
import type { Settings } from "../settings.ts";
import { columnsOf } from "../wrap.ts";
import { nameOf } from "./ask.ts";
import { confirmOrLeave } from "./confirm.ts";
import { findingsText } from "./findings-text.ts";
import { forecast, forecastText } from "./forecast.ts";
import { readMigrationFile } from "./migration-file.ts";
import { otherKeys } from "./other-file.ts";
import { checkAccess, checkMapping, configuredOf } from "./preflight.ts";
import { say } from "./say.ts";
import { requiredSettings } from "./setup.ts";
import type { RunHere } from "./work-to-end.ts";

export async function migrate(path: string, options: { yes?: boolean; restart?: boolean }): Promise<void> {
  const { settings, migration, plan } = await readForStart(path);
  if (plan.isLive && !plan.dryRun)
    await confirmOrLeave(
      `The ${nameOf(plan.destination)} key is a live key. Migrate into production?`,
      options.yes ?? false,
    );
  const { workToEnd } = await import("./work-to-end.ts");
  await workToEnd(settings, {
    ...migrationRun(migration, settings, path),
    restart: {
      isAsked: options.restart ?? false,
      others: (begunWith) => otherKeys(begunWith, migration),
      command: shellLine(spillwayWords("migrate", ["--restart"], [path])),
    },
  });
}

/** The file's migration as a run that is worked here. */
export function migrationRun(migration: Migration, settings: Settings, file: string): RunHere {
  const { environment, vendor } = configuredOf(migration, settings);
  const { userPoolId } = migration.source;
  const redriving = shellLine(spillwayWords("redrive", [], [userPoolId]));
  return {
    workflowType: "migrateUserPool",
    verb: "migrate",
    ...{ userPoolId, environment, file },
    told: toldOfMigration(migration, vendor.name, environment),
    input: { ...migration, destination: { ...migration.destination, environment } },
    mayAttach: true,
    whenFailed: `Why: ./spillway lookup --failures. Once that is mended, this tries again what failed: ${redriving}`,
    next: () => "For a list of everyone and why: ./spillway report --out report",
  };
}

/** Looks at file, settings and both sides before anything is started, and says what it will be. */
export async function readForStart(path: string, meant: (file: Migration) => Migration = (file) => file) {
  const read = await readMigrationFile(namedPath(path));
  const migration = meant(read.migration);
  const settings = requiredSettings();
  const destination = checkMapping(migration, settings);
  const shape = await checkAccess(migration, destination);
  const plan = forecast(migration, shape, NOTHING_FORESEEN, configuredOf(migration, settings));
  // The run looks at everything else, and tells its size by itself.
  const findings = poolFindings(migration, shape).filter(({ severity }) => severity !== "info");
  say([forecastText(plan), findingsText(findings, columnsOf(process.stdout))].join("\n").trimEnd());
  say("");
  return { settings, migration, plan };
}
