import { setTimeout } from "node:timers/promises";
import type { Hono } from "hono";
import pg from "pg";
import { pino } from "pino";
import { createPasswordCheck } from "../cognito/sign-in.ts";
import { createMailSink } from "../delivery/mail-sink.ts";
import { failureSentence } from "../destinations/failure-sentence.ts";
import type { ConfiguredVendor } from "../destinations/registry.ts";
import type { Parsed } from "../domain/migration.ts";
import { required } from "../exit.ts";
import { LedgerError } from "../ledger/errors.ts";
import { openLedger } from "../ledger/ledger.ts";
import { findMigration } from "../ledger/runs.ts";
import type { Settings } from "../settings.ts";
import { AfterAnswers } from "./after-answers.ts";
import { createApp } from "./app.ts";
import { SIGNATURE_WINDOW_SECONDS } from "./caller.ts";
import { type BridgeContext, REQUEST_TIMEOUT_MS, within } from "./context.ts";
import { createLimits } from "./limits.ts";
import { BridgeMetrics } from "./metrics.ts";
import { counted, PaceDebits } from "./pace-debits.ts";
import { provenFirst } from "./proven-first.ts";
import { ResetTail } from "./reset-tail.ts";

/** Several of them are on the way of one sign-in. */
const CALL_TIMEOUT_MS = 8_000;
/** The key is not proven to be of the environment that the settings name. */
const UNPROVEN = "access_not_proven";
const LIMIT_CONNECTIONS = 2;
const LIMIT_CONNECT_TIMEOUT_MS = 2_000;

export interface Bridge {
  app: Hono;
  context: BridgeContext;
  /** Copies completed resets once. */
  copyResets(): Promise<void>;
  /** Waits for the work that answers left behind. */
  close(): Promise<void>;
}

/**
 * Wires the bridge. `holdMs` is for a process that stands still once it has answered: an answer that work follows comes
 * after it, and after this time, so that it tells nothing either. Throws UsageError or LedgerError for what an operator
 * can mend.
 */
export async function createBridge(settings: Settings, holdMs: number | null = null): Promise<Bridge> {
  const own = required(settings.bridge);
  const vendor = required(destinationOfBridge(settings));
  const logger = pino({ level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const metrics = new BridgeMetrics();
  const onTrouble = (code: string) => {
    metrics.trouble(code);
    logger.warn({ code }, "trouble");
  };
  const afterAnswers = new AfterAnswers((error) => {
    onTrouble(error instanceof LedgerError ? error.problem : "unexpected");
    // Its message may quote what somebody typed.
    logger.error({ error: error instanceof Error ? error.name : "unknown" }, "work after an answer failed");
  });
  const destination = vendor.connect(CALL_TIMEOUT_MS);
  const ledger = await openLedger(settings.ledgerUrl);
  const debits = new PaceDebits(ledger, destination, onTrouble);
  const calls = counted(vendor.signIn(CALL_TIMEOUT_MS), destination.facts, debits.count);
  const accounts = provenFirst(calls, {
    destination,
    count: debits.count,
    onUnproven(answer) {
      metrics.trouble(UNPROVEN);
      const why = failureSentence(vendor.vendor, answer);
      logger.error({ code: UNPROVEN }, `nobody is looked up, brought over or mailed: ${why}`);
    },
  });
  const passwords = createPasswordCheck({ ...own, callTimeoutMs: CALL_TIMEOUT_MS });
  const mail = settings.mail === null ? null : await createMailSink(settings.mail);
  const pool = ledger.kind === "postgresql" ? limitPool(settings.ledgerUrl) : null;
  const context: BridgeContext = {
    deps: {
      ledger,
      migration: {
        poolId: own.userPoolId,
        destinationKind: destination.kind,
        environment: destination.environment,
      },
      destination,
      accounts,
      passwords,
      resets: new ResetTail(ledger, accounts.completedResets, destination.facts.resets.record?.keptMs ?? 0),
      mail,
      count: debits.count,
      onTrouble,
    },
    secrets: own.secrets,
    limits: createLimits({
      triesPerMinute: { ...own.triesPerMinute, forgot: destination.facts.resets.perAddressAMinute },
      // On either side of a clock that differs.
      signatureSeconds: 2 * SIGNATURE_WINDOW_SECONDS,
      pool,
    }),
    afterAnswers,
    holdAnswer:
      holdMs === null
        ? null
        : () => Promise.all([setTimeout(holdMs), within(REQUEST_TIMEOUT_MS, afterAnswers.idle(), undefined)]),
    metrics,
    logger,
  };
  return {
    app: createApp(context, own.routes),
    context,
    copyResets: () => copyResets(context),
    async close() {
      await afterAnswers.idle();
      await debits.drain();
      passwords.close();
      mail?.close();
      await pool?.end();
      await ledger.close();
    },
  };
}

type WithSignIn = ConfiguredVendor & { signIn: NonNullable<ConfiguredVendor["signIn"]> };

/** The destination whose settings are there, among those at which people can sign in with a password. */
function destinationOfBridge({ destinations }: Settings): Parsed<WithSignIn> {
  const sentences: string[] = [];
  const able: WithSignIn[] = [];
  for (const read of destinations.values())
    if (!read.ok) sentences.push(read.sentence);
    else if (read.value.signIn !== null) able.push({ ...read.value, signIn: read.value.signIn });
  const [one, ...others] = able;
  if (one === undefined)
    return {
      ok: false,
      sentence: sentences[0] ?? "People cannot sign in with a password at this destination.",
    };
  if (others.length === 0) return { ok: true, value: one };
  const names = able.map(({ vendor }) => vendor.name).join(" and ");
  return {
    ok: false,
    sentence: `The settings of ${names} are there; leave those of the bridge's destination alone.`,
  };
}

function limitPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: LIMIT_CONNECTIONS,
    connectionTimeoutMillis: LIMIT_CONNECT_TIMEOUT_MS,
    query_timeout: LIMIT_CONNECT_TIMEOUT_MS,
  });
  // Without listeners a connection that breaks would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** So that the tail is short when a sign-in has to read it, and no event is lost that the destination forgets. */
async function copyResets({ deps }: BridgeContext): Promise<void> {
  try {
    const migration = await deps.ledger.read((db) => findMigration(db, deps.migration));
    if (migration === undefined) return;
    const copied = await deps.resets.catchUp(migration.id);
    if (!copied.ok) deps.onTrouble("resets_not_copied");
  } catch {
    deps.onTrouble("resets_not_copied");
  }
}
