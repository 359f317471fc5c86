import { NO_MAIL_SINK } from "../delivery/mail-sink.ts";
import type { Severity } from "../domain/findings/kind.ts";
import { type Draft, sentenceOf } from "../domain/findings.ts";
import type { Migration } from "../domain/migration.ts";
import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { startArguments } from "../domain/start-command.ts";
import { workflowIdOf } from "../domain/workflow-id.ts";
import { EXIT_FAILED, required, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import { readTemporalTarget, type TemporalTarget } from "../temporal/target.ts";
import { columnsOf } from "../wrap.ts";
import { findingsText } from "./findings-text.ts";
import { forecastText } from "./forecast.ts";
import { readMigrationFile } from "./migration-file.ts";
import { checkMapping } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { requiredSettings } from "./setup.ts";

interface CheckOptions {
  offline?: boolean;
  json?: boolean;
}

export async function check(path: string, options: CheckOptions): Promise<void> {
  const { migration, cliTrouble } = await readMigrationFile(path);
  const settings = requiredSettings();
  const destination = checkMapping(migration, settings);
  const startAt = (target: TemporalTarget) =>
    cliTrouble === null ? startLine(target, settings, migration, path) : null;
  if (options.offline) {
    checkMails(migration, settings);
    const start = startAt(required(readTemporalTarget()));
    if (options.json) return sayJson({ ok: true, start, startTrouble: cliTrouble });
    return say(
      `The file and the settings are good. Neither side was asked.\n\n${startText(path, start, cliTrouble)}`,
    );
  }
  const { lookAtBothSides } = await import("./both-sides.ts");
  const { target, findings, plan } = await lookAtBothSides(migration, settings, destination);
  const start = startAt(target);
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

/** Online the same is a finding. */
function checkMails({ passwordResets: { send, delivery } }: Migration, { mail }: Settings): void {
  if (send && delivery === "own" && mail === null) throw new UsageError(NO_MAIL_SINK);
}

function named({ severity, code, subject }: Draft): Pick<Draft, "severity" | "code" | "subject"> {
  return { severity, code, subject };
}

function sentences(findings: readonly Draft[], wanted: Severity): string[] {
  const own = findings.filter(({ severity }) => severity === wanted);
  return [...new Set(own.map(sentenceOf))];
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
  return `To migrate from here, worker included:\n  ${shellLine(spillwayWords("migrate", [], [path]))}\nOr with workers of your own (\`./spillway worker\`):\n${byCli}`;
}
