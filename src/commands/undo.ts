import { argumentWords, shellLine } from "../domain/shell-line.ts";
import { toldOf } from "../domain/told-at-start.ts";
import { parseUndo, type Undo, type UndoInput } from "../domain/undo.ts";
import { UsageError } from "../exit.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { askDestination, nameOf } from "./ask.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { confirmPool } from "./confirm.ts";
import { destinationHere, placeOf } from "./preflight.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { planOfUndo, type UndoPlan } from "./undo-plan.ts";
import { undoPlanText } from "./undo-text.ts";

interface UndoOptions extends Pick<Choice, "environment"> {
  signedIn?: string;
  confirm?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Tells what an undo takes back, asks for the pool's id, and works it here. */
export async function undo(pool: string, options: UndoOptions): Promise<void> {
  const signedInSince = signedInOf(options.signedIn ?? "keep");
  if (options.json && !options.dryRun)
    throw new UsageError("--json prints the plan of an undo, and nothing is undone: give it with --dry-run.");
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  const { migration, destination, plan } = await withLedger(ledger, async () => {
    const chosen = await chooseMigration(ledger, { pool, environment: options.environment }, settings);
    const there = destinationHere(chosen, settings);
    return { migration: chosen, destination: there, plan: await planOfUndo(ledger, chosen, there) };
  });
  if (options.json) return sayJson(plan);
  tell(migration, plan, signedInSince);
  if (options.dryRun || isEmpty(plan)) return;
  await askDestination(destination, () => destination.checkAccess());
  await confirmPool({
    pool,
    what: "take all of this back",
    given: options.confirm,
    words: wordsOf(pool, options),
  });
  const input: UndoInput = {
    userPoolId: pool,
    destination: placeOf(migration),
    confirm: pool,
    signedInSince,
    seenRunId: migration.newestRunId,
  };
  const { workToEnd } = await import("./work-to-end.ts");
  await workToEnd(settings, {
    workflowType: "undoMigration",
    verb: "undo",
    userPoolId: pool,
    environment: migration.environment,
    told: toldOf("undo", {
      userPoolId: pool,
      vendor: nameOf(migration.destinationKind),
      environment: migration.environment,
    }),
    input,
    mayAttach: true,
    refusedInput: (begunWith) => refusedUndo(begunWith, pool, { ...options, signedInSince }),
    next: () => `A migration after it brings everybody: ${shellLine(["./spillway", "migrate", "FILE"])}`,
  });
}

function signedInOf(word: string): Undo["signedInSince"] {
  if (word === "keep" || word === "remove") return word;
  throw new UsageError(`--signed-in is "keep" or "remove", not "${word}".`);
}

/** One that began otherwise takes back what this one was told to keep, or keeps it. */
function refusedUndo(
  begunWith: unknown,
  pool: string,
  { signedInSince, environment }: Pick<UndoOptions, "environment"> & Pick<Undo, "signedInSince">,
): string | null {
  const begun = parseUndo(begunWith);
  if (!begun.ok || begun.value.signedInSince === signedInSince) return null;
  const signedIn = begun.value.signedInSince;
  const command = shellLine(["./spillway", ...wordsOf(pool, { environment, signedIn })]);
  return `An undo of this pool is under way that began with --signed-in ${signedIn}, and it goes on with what it began with: \`${command}\` works it.`;
}

function tell({ file, environment }: MigrationRow, plan: UndoPlan, signedIn: Undo["signedInSince"]): void {
  const columns = columnsOf(process.stdout);
  const head = `${file.source.userPoolId} to ${nameOf(file.destination.kind)} ${environment}`;
  const lines = undoPlanText(plan, signedIn === "keep").split("\n");
  say([head, "", ...lines.map((line) => wrapped(line, columns))].join("\n"));
}

function isEmpty({ of }: UndoPlan): boolean {
  return Object.values(of).every(({ remove, restore }) => remove + restore === 0);
}

function wordsOf(
  pool: string,
  { environment, signedIn }: Pick<UndoOptions, "environment" | "signedIn">,
): string[] {
  return [
    ...["undo", ...argumentWords(pool)],
    ...(environment === undefined ? [] : ["--environment", environment]),
    ...(signedIn === "remove" ? ["--signed-in", signedIn] : []),
  ];
}
