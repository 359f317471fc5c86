import { Client } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import { type Migration, workflowIdOf } from "../domain/migration.ts";
import { argumentWords, shellLine } from "../domain/shell-line.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { EXIT_STOPPED, required, UsageError } from "../exit.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal } from "../temporal/connection.ts";
import { installRuntime } from "../temporal/runtime.ts";
import { type Ended, follow } from "./follow.ts";
import { liveCounts } from "./live.ts";
import { configuredOf } from "./preflight.ts";
import { RunFeed } from "./run-feed.ts";
import { fileLogger, queueOfRunUnderWay, startOrAttach, taskQueueHere, workHere } from "./run-here.ts";
import { say } from "./say.ts";
import { openScreen } from "./screen.ts";
import { withLedger } from "./setup.ts";
import { baseOf, checkNamedServer, type ServerInUse, serverInUse } from "./temporal-server.ts";
import { conclude } from "./watch.ts";
import { wrapped } from "./wrap.ts";

function planLater(userPoolId: string): string {
  return `A run of this pool is under way, and nothing is planned beside it: \`${shellLine(["./spillway", "watch", ...argumentWords(userPoolId)])}\` shows it. Plan once it has ended.`;
}

const UNDER_WAY = "The run of this pool is under way already: it goes on, with the file it began with.";

interface HereOptions {
  /** Whether a run that is under way is gone on with, whatever file it began with. */
  mayAttach?: boolean;
}

/**
 * Starts the run or goes on with it, works for it in this process, and shows its progress until it ends or is left: null
 * then. Throws UsageError where a run is under way that may not be attached to.
 */
export async function migrateHere(
  settings: Settings,
  migration: Migration,
  options: HereOptions = {},
): Promise<Ended | null> {
  await checkNamedServer();
  const ledger = await openLedger(settings.ledgerUrl);
  const ended = await withLedger(ledger, () => withServer(settings, migration, ledger, options));
  if (ended === null) {
    process.exitCode = EXIT_STOPPED;
    say("Stopped here. Nothing is lost: the same command goes on.");
    return null;
  }
  conclude(ended);
  if (ended.kind === "done") say("For a list of everyone and why: ./spillway report --out report");
  return ended;
}

async function withServer(
  settings: Settings,
  migration: Migration,
  ledger: Ledger,
  options: HereOptions,
): Promise<Ended | null> {
  const logFile = `${baseOf(settings.ledgerUrl)}.log`;
  required(await installRuntime(fileLogger(logFile, settings.logLevel), settings.metricsAddress));
  const server = await serverInUse(settings);
  try {
    const connection = required(await connectTemporal(server.target));
    try {
      describeServer(server, migration, logFile);
      return await work(settings, migration, { ledger, connection, server, ...options });
    } finally {
      await connection.close();
    }
  } finally {
    await server.stop();
  }
}

function describeServer({ target, embedded }: ServerInUse, { source }: Migration, logFile: string): void {
  if (embedded === null) say(`Temporal ${target.address}, namespace ${target.namespace}`);
  else {
    const page = `${embedded.uiUrl}/namespaces/${target.namespace}/workflows/${workflowIdOf(source.userPoolId)}`;
    const whose = embedded.isOurs
      ? `a server of its own, at ${target.address} while this command runs`
      : `the server of another \`npm run migrate\`, at ${target.address} while that one runs`;
    say(`Temporal ${whose}\nUI       ${page}`);
  }
  say(`Log      ${logFile}`);
}

interface Place extends HereOptions {
  ledger: Ledger;
  connection: NativeConnection;
  server: ServerInUse;
}

async function work(
  settings: Settings,
  migration: Migration,
  { ledger, connection, server: { target, isLost }, mayAttach = true }: Place,
): Promise<Ended | null> {
  const { userPoolId } = migration.source;
  const client = new Client({ connection, namespace: target.namespace });
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  const underWay = await queueOfRunUnderWay(client, userPoolId);
  if (underWay !== null && !mayAttach) throw new UsageError(planLater(userPoolId));
  const taskQueue = underWay ?? taskQueueHere(settings, ledger);
  say(`Queue    ${terminalText(taskQueue)}\n`);
  const worker = await workHere(settings, taskQueue, ledger, connection, target);
  // However the worker ends, there is nothing more to follow here.
  worker.ended.catch(() => undefined).finally(() => stopped.abort());
  const screen = openScreen();
  try {
    if (!(await startOrAttach(client, taskQueue, userPoolId, migration, mayAttach)))
      throw new UsageError(planLater(userPoolId));
    if (underWay !== null) screen.say(wrapped(UNDER_WAY, screen.columns));
    const { environment } = configuredOf(migration, settings);
    const feed = new RunFeed(
      client,
      target.address,
      workflowIdOf(userPoolId),
      liveCounts(ledger, userPoolId, environment),
    );
    return await follow(feed, screen, stopped.signal, isLost);
  } finally {
    screen.close();
    if (stopped.signal.aborted) say("\nStopping: calls in flight finish…");
    await worker.stop();
  }
}
