import { Client } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import type { EndOfRun } from "../domain/contract.ts";
import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { ToldAtStart } from "../domain/told-at-start.ts";
import { type WorkflowType, workflowIdOf } from "../domain/workflow-id.ts";
import { EXIT_STOPPED, required, UsageError } from "../exit.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { installRuntime } from "../temporal/runtime.ts";
import { wrapped } from "../wrap.ts";
import { type Ended, follow } from "./follow.ts";
import { liveCounts } from "./live.ts";
import { runName, workingCommand } from "./no-worker.ts";
import { refuseOtherPlace } from "./place-of-run.ts";
import { endFirst, isWanted, type Restart } from "./restart.ts";
import { RunFeed } from "./run-feed.ts";
import { fileLogger, startRun, taskQueueHere, workHere } from "./run-here.ts";
import { say } from "./say.ts";
import { openScreen } from "./screen.ts";
import { withLedger } from "./setup.ts";
import { baseOf, checkNamedServer, type ServerInUse, serverInUse } from "./temporal-server.ts";
import { runUnderWay } from "./under-way.ts";
import { conclude } from "./watch.ts";

/** A run that this process starts, or goes on with, and works for. */
export interface RunHere {
  workflowType: WorkflowType;
  verb: keyof typeof WORDS;
  userPoolId: string;
  /** Of the destination, for counts of a ledger that has several. */
  environment: string;
  told: ToldAtStart;
  /** The migration file as it was named, where the command was given one. */
  file?: string;
  /** As the workflow takes it. */
  input: unknown;
  /** Whether a run of this kind that is under way is gone on with, whatever it began with. */
  mayAttach: boolean;
  /** Where one under way may be ended for this one. */
  restart?: Restart;
  /** Why none is that began with this input: a sentence; null where it may go on. */
  refusedInput?(begunWith: unknown): string | null;
  /** What to do once it is done; null where there is nothing. */
  next(summary: EndOfRun): string | null;
  /** What to do before that where somebody failed. */
  whenFailed?: string;
}

const WORDS = {
  plan: { done: "planned", later: "Plan" },
  migrate: { done: "migrated", later: "Migrate" },
  undo: { done: "undone", later: "Undo" },
  verify: { done: "verified", later: "Verify" },
  redrive: { done: "tried again", later: "Redrive" },
};

function isUnderWay({ userPoolId, verb }: RunHere, type: string): UsageError {
  const { done, later } = WORDS[verb];
  const command = workingCommand(type, userPoolId);
  const watching = `\`${shellLine(spillwayWords("watch", [], [userPoolId]))}\` shows it`;
  const goingOn =
    command === null
      ? `${watching}.`
      : `${watching}, and \`${command}\` goes on with it where nothing works it.`;
  return new UsageError(
    `${runName(type)} of this pool is under way, and nothing is ${done} beside it: ${goingOn} ${later} once it has ended.`,
  );
}

function cancelling(userPoolId: string): string {
  const command = shellLine(spillwayWords("cancel", [], [userPoolId]));
  return `To end it instead, cancel it while that works: \`${command}\``;
}

/** Of one that began since the look nobody has seen what it began with. */
function beganMeanwhile({ userPoolId }: RunHere): string {
  return `Another run of ${userPoolId} began at this moment, and nothing was started here: give the same command again, which looks at that run first.`;
}

const UNDER_WAY = "The run of this pool is under way already: it goes on, with what it began with.";

/**
 * Starts the run or goes on with it, works for it in this process, and shows its progress until it ends or is left: null
 * then. Throws UsageError where a run is under way that may not be attached to.
 */
export async function workToEnd(settings: Settings, run: RunHere): Promise<Ended | null> {
  await checkNamedServer();
  const ledger = await openLedger(settings.ledgerUrl);
  const ended = await withLedger(ledger, () => withServer(settings, run, ledger));
  if (ended === null) {
    process.exitCode = EXIT_STOPPED;
    say("Stopped here. Nothing is lost: the same command goes on.");
    return null;
  }
  conclude(ended, run.file);
  if (ended.kind !== "done") return ended;
  const { summary } = ended;
  const hasFailed = summary.mode === undefined && !summary.dryRun && summary.failed > 0;
  if (hasFailed && run.whenFailed !== undefined) say(run.whenFailed);
  const next = run.next(summary);
  if (next !== null) say(next);
  return ended;
}

async function withServer(settings: Settings, run: RunHere, ledger: Ledger): Promise<Ended | null> {
  // Before Temporal's runtime, which takes these signals for its workers alone.
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  const logFile = `${baseOf(settings.ledgerUrl)}.log`;
  required(await installRuntime(fileLogger(logFile, settings.logLevel), settings.metricsAddress));
  const server = await serverInUse(settings);
  try {
    const connection = required(await connectTemporal(server.target));
    try {
      describeServer(server, run, logFile);
      return await work(settings, run, { ledger, connection, server, stopped });
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

function describeServer({ target, embedded }: ServerInUse, { userPoolId }: RunHere, logFile: string): void {
  if (embedded === null) say(`Temporal ${target.address}, namespace ${target.namespace}`);
  else {
    const page = `${embedded.uiUrl}/namespaces/${target.namespace}/workflows/${workflowIdOf(userPoolId)}`;
    const whose = embedded.isOurs
      ? `a server of its own, at ${target.address} while this command runs`
      : `the server of another \`./spillway migrate\`, at ${target.address} while that one runs`;
    say(`Temporal ${whose}\nUI       ${page}`);
  }
  say(`Log      ${logFile}`);
}

interface Place {
  ledger: Ledger;
  connection: NativeConnection;
  server: ServerInUse;
  /** By a signal, or because the worker has ended. */
  stopped: AbortController;
}

async function work(
  settings: Settings,
  run: RunHere,
  { ledger, connection, server: { target, isLost }, stopped }: Place,
): Promise<Ended | null> {
  const { userPoolId, workflowType, environment } = run;
  const client = new Client({ connection, namespace: target.namespace });
  const underWay = await runUnderWay(client, userPoolId);
  const mayAttach = run.mayAttach && (underWay === null || underWay.type === workflowType);
  if (underWay !== null && !mayAttach) throw isUnderWay(run, underWay.type);
  if (underWay !== null) await refuseOtherPlace(run, ledger, underWay);
  const refused =
    underWay === null || underWay.isCancelled ? null : (run.refusedInput?.(await underWay.input()) ?? null);
  if (refused !== null) throw new UsageError(`${refused} ${cancelling(userPoolId)}`);
  // One that is cancelled is not gone on with: it ends, and this one begins.
  const isRestarted =
    underWay !== null &&
    (underWay.isCancelled || (run.restart !== undefined && (await isWanted(run.restart, underWay))));
  if (stopped.signal.aborted) return null;
  const taskQueue = underWay?.taskQueue ?? taskQueueHere(settings, ledger);
  say(`Queue    ${terminalText(taskQueue)}\n`);
  const worker = await workHere(settings, taskQueue, ledger, connection, target);
  // However the worker ends, there is nothing more to follow here.
  worker.ended.catch(() => undefined).finally(() => stopped.abort());
  const screen = openScreen();
  try {
    if (isRestarted && !(await endFirst(client, underWay, screen, stopped.signal))) return null;
    const isAttached = underWay !== null && !isRestarted;
    const firstRunId = isAttached ? underWay.firstRunId : await startRun(client, taskQueue, run);
    if (firstRunId === null) throw new UsageError(beganMeanwhile(run));
    if (isAttached) screen.say(wrapped(UNDER_WAY, screen.columns));
    const feed = new RunFeed(
      client,
      target.address,
      workflowIdOf(userPoolId),
      liveCounts(ledger, userPoolId, environment),
      firstRunId,
      run.file,
    );
    return await follow(feed, screen, stopped.signal, { isLost });
  } finally {
    screen.close();
    if (stopped.signal.aborted) say("\nStopping: calls in flight finish…");
    await worker.stop();
  }
}
