import type { Command } from "commander";
import { pino } from "pino";
import type { Destination } from "../destinations/destination.ts";
import type { Severity } from "../domain/findings/kind.ts";
import { type Draft, finding, sentenceOf } from "../domain/findings.ts";
import { type Migration, workflowIdOf } from "../domain/migration.ts";
import { shellLine } from "../domain/shell-line.ts";
import { startArguments } from "../domain/start-command.ts";
import { EXIT_FAILED, required } from "../exit.ts";
import type { SetUp } from "../plan/findings/assessment.ts";
import { foreseenOrganizations } from "../plan/findings/organizations.ts";
import type { Foreseen } from "../plan/phase-seconds.ts";
import { type ClientFate, clientFate } from "../plan/placement.ts";
import { sendableRoles } from "../plan/roles.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal, readTemporalTarget, type TemporalTarget } from "../temporal/connection.ts";
import { createOrchestration } from "../temporal/orchestration.ts";
import { installRuntime } from "../temporal/runtime.ts";
import { registerCommand } from "../temporal/search-attributes.ts";
import { findingsText } from "./findings-text.ts";
import { forecast, forecastText } from "./forecast.ts";
import { readMigrationFile } from "./migration-file.ts";
import { checkMapping, configuredOf } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { setUpFindings } from "./set-up-findings.ts";
import { requiredSettings } from "./setup.ts";
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
  const { migration, cliTrouble } = await readMigrationFile(path);
  const settings = requiredSettings();
  const destination = checkMapping(migration, settings);
  const target = options.offline ? required(readTemporalTarget()) : await targetInUse(settings);
  const start = cliTrouble === null ? startLine(target, settings, migration, path) : null;
  if (options.offline) {
    if (options.json) return sayJson({ ok: true, start, startTrouble: cliTrouble });
    return say(
      `The file and the settings are good. Neither side was asked.\n\n${startText(path, start, cliTrouble)}`,
    );
  }
  const ofTemporal = await temporalFindings(target);
  const { setUp, findings: ofSetUp } = await setUpFindings(migration, settings, destination);
  const findings = [...ofTemporal, ...ofSetUp];
  const foreseen = foreseenBy(migration, setUp, destination);
  const plan = forecast(migration, setUp.shape, foreseen, configuredOf(migration, settings));
  const blockers = sentences(findings, "blocker");
  if (blockers.length > 0) process.exitCode = EXIT_FAILED;
  if (options.json)
    return sayJson({
      ok: blockers.length === 0,
      ...plan,
      findings: findings.map((draft) => ({ ...named(draft), sentence: sentenceOf(draft) })),
      warnings: sentences(findings, "warning"),
      blockers,
      workflowId: workflowIdOf(plan.pool),
      start,
      startTrouble: cliTrouble,
    });
  say(`${forecastText(plan)}\n${findingsText(findings, columnsOf(process.stdout))}`);
  say(`\nBoth sides can be reached. Nothing has been changed.\n`);
  say(
    blockers.length > 0
      ? "A run would stop at each Blocker: mend these first."
      : startText(path, start, cliTrouble),
  );
}

function named({ severity, code, subject }: Draft): Pick<Draft, "severity" | "code" | "subject"> {
  return { severity, code, subject };
}

function sentences(findings: readonly Draft[], wanted: Severity): string[] {
  const own = findings.filter(({ severity }) => severity === wanted);
  return [...new Set(own.map(sentenceOf))];
}

/** What a client's application is made for, once nothing stands in its way. */
const MADE: readonly ClientFate["kind"][] = ["application", "machine", "organization_missing"];

/** What the phases before the users will make, for the time that it takes. */
function foreseenBy(file: Migration, { configuration }: SetUp, destination: Destination): Foreseen {
  const { groups, providers, clients } = configuration;
  return {
    organizations: foreseenOrganizations(file, configuration, destination).length,
    roles: sendableRoles(file, groups, destination).records.length,
    providers: providers.length,
    clients: clients.filter((client) => MADE.includes(clientFate(file, client, destination).kind)).length,
  };
}

/** Throws UsageError where a server was named and does not answer. */
async function temporalFindings(target: TemporalTarget): Promise<Draft[]> {
  const connected = await connectTemporal(target);
  if (!connected.ok && isDefaultTarget(target)) return [finding("temporal_unreachable", target)];
  const connection = required(connected);
  try {
    const registered = await createOrchestration(connection, target).searchAttributes();
    const command = registerCommand(target, registered);
    return command === null ? [] : [finding("search_attributes_missing", { command })];
  } finally {
    await connection.close();
  }
}

function startLine(
  { address, namespace }: TemporalTarget,
  { taskQueue }: Settings,
  { source }: Migration,
  path: string,
): string {
  const server = ["--address", address, "--namespace", namespace];
  return shellLine([
    "./temporal",
    ...startArguments(server, taskQueue, workflowIdOf(source.userPoolId), path),
  ]);
}

function startText(path: string, start: string | null, cliTrouble: string | null): string {
  const byCli = start === null ? `  not yet. ${cliTrouble}` : `  ${start}`;
  return `To migrate from here, worker included:\n  ${shellLine(["npm", "run", "migrate", "--", path])}\nOr with workers of your own (npm run worker):\n${byCli}`;
}
