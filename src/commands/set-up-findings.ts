import { credentialFindings } from "../activities/assess/credential-findings.ts";
import { ruleFindings } from "../activities/assess/rule-findings.ts";
import type { PoolShape } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import type { Destination } from "../destinations/destination.ts";
import type { Migration } from "../migration.ts";
import { readSetUp } from "./read-set-up.ts";
import { wrapped } from "./wrap.ts";

/** Sentences on what the file makes of providers, app clients, organizations and roles. */
export interface SetUpFindings {
  /** What a run would stop at, before it writes anything. */
  blockers: string[];
  warnings: string[];
}

/** What assess will find, without the people it concerns. Throws UsageError. */
export async function setUpFindings(
  migration: Migration,
  shape: PoolShape,
  destination: Destination,
): Promise<SetUpFindings> {
  const source = createUserSource(migration.source);
  try {
    const configuration = await readSetUp(migration.source, source);
    const findings = [
      ...ruleFindings(migration, shape, configuration, destination),
      ...credentialFindings(migration, configuration, destination),
    ];
    const sentences = (wanted: "blocker" | "warning") =>
      findings.filter(({ severity }) => severity === wanted).map(({ sentence }) => sentence);
    return { blockers: sentences("blocker"), warnings: sentences("warning") };
  } finally {
    source.close();
  }
}

const NAME_WIDTH = "Blocker".length + 1;

/** Rows as those of the forecast. */
export function findingsText({ blockers, warnings }: SetUpFindings, columns: number): string {
  const row = (name: string, sentence: string) =>
    `${name.padEnd(NAME_WIDTH)} ${wrapped(sentence, columns, " ".repeat(NAME_WIDTH + 1)).trimStart()}`;
  return [
    ...warnings.map((sentence) => row("Warning", sentence)),
    ...blockers.map((sentence) => row("Blocker", sentence)),
  ].join("\n");
}
