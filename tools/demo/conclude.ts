import { join } from "node:path";
import { counted, grouped } from "../../src/commands/format.ts";
import { say } from "../../src/commands/say.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { type MigrationRow, migrationsOfPool } from "../../src/ledger/runs.ts";
import { countsText } from "../../src/report/counts-text.ts";
import { allOutcomes } from "../../src/report/outcomes.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { audit, type Claim } from "./audit.ts";
import { type WorkosState, workosState } from "./workos-side.ts";
import { ROOT, type World } from "./world.ts";

const REPORTS = join(ROOT, ".demo");
const MAX_WRONG_SHOWN = 20;

/** Writes the report and looks at both sides; resolves with whether all is well. */
export async function conclude(world: World, ledger: Ledger, gateCalls: number | null): Promise<boolean> {
  const [migration] = await ledger.read((db) => migrationsOfPool(db, world.pool.poolId));
  if (migration === undefined) throw new Error("The ledger does not know the migration.");
  const reportFolder = join(REPORTS, `report-${stamp()}`);
  const summary = await writeReport(ledger, migration, reportFolder);
  const workos = await workosState(world.workosUrl);
  say(`\nHow everyone ended:\n${countsText(summary)}\n\n${membershipsText(workos)}\n`);
  say(`The report is in\n  ${reportFolder}\n`);
  const claims = await audit(world, workos, await listOutcomes(ledger, migration), gateCalls);
  say("Audit of the pool, the ledger and WorkOS's stand-in:");
  return tell(claims);
}

/** Resolves with whether all of them hold. */
export function tell(claims: readonly Claim[]): boolean {
  say(claims.map(claimText).join("\n"));
  return claims.every(({ wrong }) => wrong.length === 0);
}

function membershipsText({ memberships, organizations }: WorkosState): string {
  const byRole = Map.groupBy(memberships, ({ roles }) => roles.map(({ slug }) => slug).join(", "));
  const width = grouped(memberships.length).length + 2;
  const lines = [...byRole]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([role, { length }]) => `${grouped(length).padStart(width)}  ${role}`);
  const total = counted(memberships.length, "membership");
  return [`${total} in ${counted(organizations.length, "organization")}, by role:`, ...lines].join("\n");
}

function claimText({ text, wrong }: Claim): string {
  const head = `  ${wrong.length === 0 ? "holds " : "WRONG "}  ${text.replaceAll("\n", `\n${" ".repeat(10)}`)}`;
  const shown = wrong.slice(0, MAX_WRONG_SHOWN).map((one) => `            ${one}`);
  const more = wrong.length - shown.length;
  return [head, ...shown, ...(more > 0 ? [`            and ${grouped(more)} more`] : [])].join("\n");
}

async function listOutcomes(ledger: Ledger, migration: MigrationRow): Promise<UserOutcome[]> {
  const outcomes: UserOutcome[] = [];
  for await (const outcome of allOutcomes(ledger, migration)) outcomes.push(outcome);
  return outcomes;
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-");
}
