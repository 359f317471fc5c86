import { connect } from "node:net";
import { dirname, join, parse } from "node:path";
import { required, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import {
  type EmbeddedServer,
  hasEmbeddedServer,
  runningServer,
  startEmbeddedServer,
} from "../temporal/embedded-server.ts";
import { readTemporalTarget, type TemporalTarget } from "../temporal/target.ts";
import { sqlitePath } from "./setup.ts";

/** The server that a migration from this machine uses. */
export interface ServerInUse {
  target: TemporalTarget;
  /** Null for a server that is not ours. */
  embedded: Pick<EmbeddedServer, "uiUrl" | "isOurs"> | null;
  /** Whether it was lent by another process that has ended since: nobody starts it again. */
  isLost(): Promise<boolean>;
  stop(): Promise<void>;
}

const DEFAULT_ADDRESS = "localhost:7233";
const PROBE_TIMEOUT_MS = 5_000;

/** True where nobody named a server. */
export function isDefaultTarget({ address, namespace }: TemporalTarget): boolean {
  return address === DEFAULT_ADDRESS && namespace === "default";
}

/**
 * The server that the settings name; else the embedded one if it has been used with this ledger before; else one on
 * the default address if it answers; else an embedded one.
 */
export async function serverInUse({ ledgerUrl }: Settings): Promise<ServerInUse> {
  const target = required(readTemporalTarget());
  const theirs: ServerInUse = {
    target,
    embedded: null,
    isLost: () => Promise.resolve(false),
    stop: () => Promise.resolve(),
  };
  if (!isDefaultTarget(target)) return theirs;
  const base = baseOf(ledgerUrl);
  if (!hasEmbeddedServer(base) && (await listens(target.address))) return theirs;
  const server = await startEmbeddedServer(base);
  const { address, uiUrl, isOurs } = server;
  return {
    target: { address, namespace: target.namespace, options: { address } },
    embedded: { uiUrl, isOurs },
    isLost: async () => !isOurs && (await runningServer(base)) === null,
    stop: () => server.stop(),
  };
}

/** Throws UsageError if the settings name a server and nobody listens there: before anything is written. */
export async function checkNamedServer(): Promise<void> {
  const target = required(readTemporalTarget());
  if (isDefaultTarget(target) || (await listens(target.address))) return;
  throw new UsageError(`No Temporal server answers at ${target.address}; check TEMPORAL_ADDRESS.`);
}

/** The server that a migration from this machine uses at the moment, as far as it is up: nothing is started. */
export async function targetInUse({ ledgerUrl }: Settings): Promise<TemporalTarget> {
  const target = required(readTemporalTarget());
  const running = isDefaultTarget(target) ? await runningServer(baseOf(ledgerUrl)) : null;
  if (running === null) return target;
  const { address } = running;
  return { address, namespace: target.namespace, options: { address } };
}

/** Throws UsageError where the run's server is one that `migrate` brings: another would know nothing of the run. */
export async function checkOwnServer({ ledgerUrl }: Settings): Promise<void> {
  const base = baseOf(ledgerUrl);
  if (!isDefaultTarget(required(readTemporalTarget())) || !hasEmbeddedServer(base)) return;
  if ((await runningServer(base)) !== null) return;
  throw new UsageError(
    "The Temporal server of this ledger's runs is stopped: the command that began the run brings it, and goes on with one that has not ended (`./spillway migrate FILE`, or `undo`, `verify` or `redrive`, whichever it was). How one ended, `./spillway report --out report` tells.",
  );
}

/** Files that go with a ledger lie beside it; with PostgreSQL, in the working directory. */
export function baseOf(ledgerUrl: string): string {
  const path = sqlitePath(ledgerUrl);
  if (path === null) return "spillway";
  return join(dirname(path), parse(path).name);
}

function listens(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: Number(address.slice(colon + 1)), timeout: PROBE_TIMEOUT_MS });
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("timeout", () => resolve(false));
  }).finally(() => socket.destroy());
}
