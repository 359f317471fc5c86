import type { Command } from "commander";
import { pino } from "pino";
import { required } from "../exit.ts";
import { type Migration, workflowIdOf } from "../migration.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal, readTemporalTarget, type TemporalTarget } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installRuntime } from "../temporal/runtime.ts";
import { registerCommand } from "../temporal/search-attributes.ts";
import { shellLine } from "../temporal/shell-line.ts";
import { forecast, forecastText } from "./forecast.ts";
import { checkAccess, checkMapping } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { readMigrationFile, requiredSettings } from "./setup.ts";
import { startArguments } from "./start-command.ts";
import { isDefaultTarget, targetInUse } from "./temporal-server.ts";

interface CheckOptions {
  offline?: boolean;
  json?: boolean;
}

export function addCheck(program: Command): void {
  program
    .command("check")
    .description("Checks a migration file, the settings and the access to both sides; changes nothing.")
    .argument("<file>", "the migration file")
    .option("--offline", "ask neither AWS nor the destination nor Temporal")
    .option("--json", "print JSON")
    .action(check);
}

async function check(path: string, options: CheckOptions): Promise<void> {
  await installRuntime(pino({ level: "silent" }), null);
  const migration = await readMigrationFile(path);
  const settings = requiredSettings();
  const destination = checkMapping(migration, settings);
  const target = options.offline ? required(readTemporalTarget()) : await targetInUse(settings);
  const start = startLine(target, settings, migration, path);
  if (options.offline) {
    if (options.json) return sayJson({ ok: true, start });
    return say(`The file and the settings are good. Neither side was asked.\n\n${startText(start, path)}`);
  }
  const shape = await checkAccess(migration, destination);
  const plan = forecast(migration, shape, destination.environment, settings);
  plan.warnings.push(...(await temporalWarnings(target)));
  if (options.json) return sayJson({ ok: true, ...plan, workflowId: workflowIdOf(plan.pool), start });
  say(
    `${forecastText(plan)}\n\nBoth sides can be reached. Nothing has been changed.\n\n${startText(start, path)}`,
  );
}

/** Throws UsageError where a server was named and does not answer. */
async function temporalWarnings(target: TemporalTarget): Promise<string[]> {
  const connected = await connectTemporal(target);
  if (!connected.ok && isDefaultTarget(target))
    return [
      `No Temporal server answers at ${target.address}: start one, or let \`npm run migrate\` bring its own.`,
    ];
  const connection = required(connected);
  try {
    const registered = await createOrchestration(connection, target).searchAttributes();
    const command = registerCommand(target, registered);
    if (command === null) return [];
    return [
      `Temporal lacks search attributes, so its list of runs shows no progress; to register them:\n           ${command}`,
    ];
  } finally {
    await connection.close();
  }
}

function startLine(
  target: TemporalTarget,
  { taskQueue }: Settings,
  { source }: Migration,
  path: string,
): string {
  return shellLine(["./temporal", ...startArguments(target, taskQueue, source.userPoolId, path)]);
}

function startText(start: string, path: string): string {
  return `To migrate from here, worker included:\n  ${shellLine(["npm", "run", "migrate", "--", path])}\nOr with workers of your own (npm run worker):\n  ${start}`;
}
