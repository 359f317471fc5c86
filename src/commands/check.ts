import type { Command } from "commander";
import { pino } from "pino";
import { EXIT_FAILED, required } from "../exit.ts";
import { type Migration, workflowIdOf } from "../migration.ts";
import type { Settings } from "../settings.ts";
import { shellLine } from "../shell-line.ts";
import { connectTemporal, readTemporalTarget, type TemporalTarget } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installRuntime } from "../temporal/runtime.ts";
import { registerCommand } from "../temporal/search-attributes.ts";
import { forecast, forecastText } from "./forecast.ts";
import { checkAccess, checkMapping } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { findingsText, setUpFindings } from "./set-up-findings.ts";
import { readMigrationFile, requiredSettings } from "./setup.ts";
import { startArguments } from "./start-command.ts";
import { isDefaultTarget, targetInUse } from "./temporal-server.ts";
import { columnsOf } from "./wrap.ts";

interface CheckOptions {
  offline?: boolean;
  json?: boolean;
}

export function addCheck(program: Command): void {
  program
    .command("check")
    .description(
      "Checks a migration file, the settings and the access to both sides; changes nothing. Exit code 1 for what a run would stop at.",
    )
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
  const findings = await setUpFindings(migration, shape, destination);
  const { blockers } = findings;
  if (blockers.length > 0) process.exitCode = EXIT_FAILED;
  if (options.json) {
    const warnings = [...plan.warnings, ...findings.warnings];
    const workflowId = workflowIdOf(plan.pool);
    return sayJson({ ok: blockers.length === 0, ...plan, warnings, blockers, workflowId, start });
  }
  const parts = [forecastText(plan), findingsText(findings, columnsOf(process.stdout))];
  say(parts.filter((part) => part !== "").join("\n"));
  say(`\nBoth sides can be reached. Nothing has been changed.\n`);
  say(blockers.length > 0 ? "A run would stop at each Blocker: mend these first." : startText(start, path));
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
