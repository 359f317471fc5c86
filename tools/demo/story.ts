import { rmSync } from "node:fs";
import { pino } from "pino";
import { follow } from "../../src/commands/follow.ts";
import { counted } from "../../src/commands/format.ts";
import { type Live, liveCounts } from "../../src/commands/live.ts";
import { RunFeed } from "../../src/commands/run-feed.ts";
import { say } from "../../src/commands/say.ts";
import { openScreen, type Screen } from "../../src/commands/screen.ts";
import type { EndOfRun } from "../../src/domain/contract.ts";
import { duration } from "../../src/domain/duration.ts";
import { shellLine } from "../../src/domain/shell-line.ts";
import { startArguments } from "../../src/domain/start-command.ts";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { connectClient } from "../../src/temporal/client.ts";
import { installRuntime } from "../../src/temporal/runtime.ts";
import { temporalPath } from "../temporal-path.mjs";
import { deltaClaim, liveOn, undo } from "./afterwards.ts";
import { run } from "./children.ts";
import { conclude, tell } from "./conclude.ts";
import { crashHalfWay } from "./crash.ts";
import { playGate } from "./gate.ts";
import { migrationFile } from "./migration-file.ts";
import { demoPool } from "./pool.ts";
import { cleanEnvironment, LIMIT_SCALE, NAMESPACE, startWorld, type World } from "./world.ts";

export interface DemoOptions {
  users: number;
  seed: number;
  /** Kills the worker half-way. */
  crash: boolean;
  /** Leaves the servers up until Ctrl-C. */
  keep: boolean;
  /** Takes everything back at the end. */
  undo: boolean;
}

/** The whole demo; sets the exit code: 0 if the audit found nothing wrong. */
export async function demo(options: DemoOptions): Promise<void> {
  const startedAt = performance.now();
  say(`Spillway moves ${counted(options.users, "user")} from Cognito to WorkOS, and what they sign in through.
Temporal is the real server. Cognito and WorkOS are strict stand-ins on this machine, and nothing leaves it.
The stand-in of WorkOS allows ${LIMIT_SCALE} times as many calls a second as WorkOS, so that the demo takes seconds.\n`);
  const pool = demoPool(options.users, options.seed);
  const world = await startWorld({ name: "demo", pool, file: migrationFile(pool) });
  say(`The pool     ${poolText(world)}
Temporal UI  ${world.temporal.ui}/namespaces/${NAMESPACE}/workflows
Files        ${world.folder}\n`);
  // Also after Ctrl-C.
  if (!options.keep) process.once("exit", () => rmSync(world.folder, { recursive: true, force: true }));
  const ledger = await openLedger(world.ledgerUrl);
  try {
    const { isDone, gateCalls } = await migrate(world, ledger, options.crash);
    const isWell =
      isDone && (await conclude(world, ledger, gateCalls)) && (await goOn(world, ledger, options));
    if (!isDone) say("The run did not end well.");
    say(`\nTotal time: ${duration((performance.now() - startedAt) / 1_000)}.`);
    process.exitCode = isWell ? 0 : 1;
    if (options.keep) await untilInterrupted(world);
  } finally {
    await ledger.close();
    await world.stop();
  }
}

/** A change at both sides, a second run, and an undo; resolves with whether all is well. */
async function goOn(world: World, ledger: Ledger, { undo: isUndone }: DemoOptions): Promise<boolean> {
  await liveOn(world);
  const ended = await withFeed(world, ledger, async (feed) => {
    await startRun(world);
    // What the operator said of Apple holds for this run as well.
    return watch(feed, () => Promise.resolve());
  });
  const claims = [deltaClaim(ended)];
  if (isUndone) claims.push(await undo(world));
  return tell(claims);
}

interface Migrated {
  isDone: boolean;
  gateCalls: number | null;
}

async function migrate(world: World, ledger: Ledger, crash: boolean): Promise<Migrated> {
  const worker = world.startWorker();
  say("The run is started as an engineer would:");
  await startRun(world);
  return withFeed(world, ledger, async (feed, live) => {
    const gateCalls = await playGate(world, ledger, feed);
    const disturb = (screen: Screen, signal: AbortSignal) =>
      crash ? crashHalfWay(world, worker, live, screen, signal) : Promise.resolve();
    return { isDone: (await watch(feed, disturb)) !== null, gateCalls };
  });
}

async function startRun({ pool, temporal, migrationPath }: World): Promise<void> {
  const server = ["--address", temporal.address, "--namespace", NAMESPACE];
  const words = startArguments(server, "spillway", workflowIdOf(pool.poolId), migrationPath);
  say(`  ${shellLine(["./temporal", ...words])}\n`);
  await run(temporalPath(), words, cleanEnvironment());
}

async function withFeed<T>(
  { pool, temporal: { address } }: World,
  ledger: Ledger,
  look: (feed: RunFeed, live: () => Promise<Live>) => Promise<T>,
): Promise<T> {
  await installRuntime(pino({ level: "silent" }), null);
  const connected = await connectClient({ address, namespace: NAMESPACE, options: { address } });
  if (!connected.ok) throw new Error(connected.sentence);
  try {
    const live = liveCounts(ledger, pool.poolId, null);
    const feed = new RunFeed(connected.value.client, address, workflowIdOf(pool.poolId), live);
    return await look(feed, () => live({ firstRunId: null, environment: null }));
  } finally {
    await connected.value.close();
  }
}

/** Shows the run until it ends, while `disturb` does what it does to it; resolves with null where it did not end well. */
async function watch(
  feed: RunFeed,
  disturb: (screen: Screen, signal: AbortSignal) => Promise<void>,
): Promise<EndOfRun | null> {
  const screen = openScreen();
  const over = new AbortController();
  try {
    const disturbed = disturb(screen, over.signal);
    const ended = await follow(feed, screen, over.signal);
    over.abort();
    await disturbed;
    screen.close();
    if (ended?.kind === "failed") say(ended.sentence);
    return ended?.kind === "done" ? ended.summary : null;
  } finally {
    over.abort();
  }
}

function poolText({ pool }: World): string {
  const { users, identityProviders, clients, groups } = pool;
  return [
    counted(users.length, "user"),
    counted(identityProviders.length, "identity provider"),
    counted(clients.length, "app client"),
    counted(groups.length, "group"),
  ].join(", ");
}

async function untilInterrupted(world: World): Promise<void> {
  const settings = Object.entries(world.settings).map(([name, value]) => `${name}=${value}`);
  say(`\nEverything stays up until Ctrl-C. To try commands in another terminal, paste:
  ${shellLine(["export", ...settings])}
Cognito      ${world.cognitoUrl}
WorkOS       ${world.workosUrl}
Temporal     ${world.temporal.address}`);
  await new Promise(() => undefined);
}
