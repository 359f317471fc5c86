import { createServer } from "node:net";
// As in connection.ts, without what workers are made of.
import { Runtime } from "@temporalio/worker/lib/runtime.js";
import { type Logger, pino } from "pino";
import type { Parsed } from "../domain/migration.ts";
import type { Settings } from "../settings.ts";

/** One JSON line per event on standard output. Nothing that is logged may hold personal data. */
export function createLogger(level: Settings["logLevel"]): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Sets Temporal's logger and, where an address is given, the Prometheus endpoint of this process. */
export async function installRuntime(logger: Logger, metricsAddress: string | null): Promise<Parsed<null>> {
  if (metricsAddress !== null && !(await isFree(metricsAddress)))
    return {
      ok: false,
      sentence: `The address ${metricsAddress} is taken or not of this machine; set SPILLWAY_METRICS_ADDRESS to a free one.`,
    };
  Runtime.install({
    logger: temporalLogger(logger),
    telemetryOptions: {
      logging: { forward: {}, filter: "WARN" },
      ...(metricsAddress === null ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
  return { ok: true, value: null };
}

/** For a process without a worker: a signal ends it as any other, from its first moment on. */
export function installClientRuntime(): void {
  Runtime.install({
    logger: temporalLogger(pino({ level: "silent" })),
    telemetryOptions: { logging: { forward: {}, filter: "WARN" } },
    shutdownSignals: [],
  });
}

function isFree(address: string): Promise<boolean> {
  const at = address.lastIndexOf(":");
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: address.slice(0, at), port: Number(address.slice(at + 1)) }, () =>
      probe.close(() => resolve(true)),
    );
  });
}

type Level = "trace" | "debug" | "info" | "warn" | "error";

function temporalLogger(logger: Logger) {
  const write = (level: Level, message: string, meta?: Record<PropertyKey, unknown>) =>
    logger[level](identifiers(meta), message);
  return {
    log: (level: string, message: string, meta?: Record<PropertyKey, unknown>) =>
      write(level.toLowerCase() as Level, message, meta),
    trace: (message: string, meta?: Record<PropertyKey, unknown>) => write("trace", message, meta),
    debug: (message: string, meta?: Record<PropertyKey, unknown>) => write("debug", message, meta),
    info: (message: string, meta?: Record<PropertyKey, unknown>) => write("info", message, meta),
    warn: (message: string, meta?: Record<PropertyKey, unknown>) => write("warn", message, meta),
    error: (message: string, meta?: Record<PropertyKey, unknown>) => write("error", message, meta),
  };
}

/** What of an event's attributes may be logged: names and ids of the work, a worker's state, and the code of a failure. */
const LOGGED = [
  "activityType",
  "activityId",
  "attempt",
  "workflowId",
  "runId",
  "workflowType",
  "taskQueue",
  "namespace",
  "state",
];

function identifiers(meta: Record<PropertyKey, unknown> = {}): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of LOGGED) if (meta[name] !== undefined) kept[name] = meta[name];
  if (meta.error instanceof Error) kept.error = meta.error.message;
  return kept;
}
