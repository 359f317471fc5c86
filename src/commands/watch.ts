import type { EndOfRun } from "../domain/contract.ts";
import { poolOfWorkflow } from "../domain/workflow-id.ts";
import { complain, EXIT_FAILED, EXIT_STOPPED, EXIT_WRONG_USE } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { onlyDestination, type Settings } from "../settings.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { doneText } from "./done-text.ts";
import { endTable } from "./end-table.ts";
import { type Ended, follow } from "./follow.ts";
import { liveCounts, noLiveCounts } from "./live.ts";
import { withFile } from "./named-file.ts";
import { withRun } from "./run-at-server.ts";
import { RunFeed } from "./run-feed.ts";
import { say, sayJson } from "./say.ts";
import { openScreen } from "./screen.ts";
import { openExistingLedger } from "./setup.ts";

interface WatchOptions {
  workflowId?: string;
  json?: boolean;
}

export async function watch(pool: string | undefined, options: WatchOptions): Promise<void> {
  await withRun(
    { pool, workflowId: options.workflowId },
    async ({ workflowId, client, target, settings }) => {
      const ledger = await ledgerIfHere(settings);
      try {
        const environment = onlyDestination(settings)?.environment ?? null;
        const live =
          ledger === null
            ? noLiveCounts
            : liveCounts(ledger, poolOfWorkflow(workflowId) ?? workflowId, environment);
        const feed = new RunFeed(client, target.address, workflowId, live);
        if (options.json) return sayJson({ workflowId, ...(await feed.look()) });
        await show(feed);
      } finally {
        await ledger?.close();
      }
    },
  );
}

async function show(feed: RunFeed): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const screen = openScreen();
  let ended: Ended | null;
  try {
    ended = await follow(feed, screen, interrupted.signal);
  } finally {
    screen.close();
  }
  if (ended !== null) return conclude(ended);
  process.exitCode = EXIT_STOPPED;
  say("The watching stopped; the run goes on.");
}

/** Says how a run ended, and sets the exit code. */
export function conclude(ended: Ended, file: string | null = null): void {
  if (ended.kind === "failed") {
    for (const line of wrapped(withFile(ended.sentence, file), columnsOf(process.stderr)).split("\n"))
      complain(line);
    process.exitCode = ended.isBadInput ? EXIT_WRONG_USE : EXIT_FAILED;
    return;
  }
  const { summary, phases, totals } = ended;
  const columns = columnsOf(process.stdout);
  const told = withFile(doneText(summary), file)
    .split("\n")
    .map((line) => wrapped(line, columns));
  const table = endTable(phases, totals, summary.times);
  if (isShort(summary)) process.exitCode = EXIT_FAILED;
  say(["", ...(table === "" ? [] : [table, ""]), ...told].join("\n"));
}

/** Whether it did not come to all that it was for: a pipeline hears of it. */
function isShort(summary: EndOfRun): boolean {
  if (summary.mode === undefined) return !summary.dryRun && summary.failed > 0;
  if (summary.mode === "redrive") return summary.failed > 0;
  return summary.mode === "verify" && summary.differences > 0;
}

/** A run may be watched from a machine that has no ledger. */
async function ledgerIfHere({ ledgerUrl }: Settings): Promise<Ledger | null> {
  try {
    return await openExistingLedger(ledgerUrl);
  } catch {
    return null;
  }
}
