import { setTimeout } from "node:timers/promises";
import type { Hono } from "hono";
import { pino } from "pino";
import { createPasswordCheck } from "../cognito/sign-in.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import { createMailSink } from "../delivery/mail-sink.ts";
import { failureSentence } from "../destinations/failure-sentence.ts";
import type { ConfiguredVendor } from "../destinations/registry.ts";
import type { Parsed } from "../domain/migration.ts";
import { required } from "../exit.ts";
import { LedgerError } from "../ledger/errors.ts";
import { openLedger } from "../ledger/ledger.ts";
import { findMigration, isPurged } from "../ledger/runs.ts";
import type { Settings } from "../settings.ts";
import { AccessWatch } from "./access-watch.ts";
import { AfterAnswers } from "./after-answers.ts";
import { createAlerts } from "./alerts.ts";
import { createApp } from "./app.ts";
import { AppClientWatch } from "./app-client.ts";
import { SIGNATURE_KEPT_MS } from "./caller.ts";
import type { BridgeContext } from "./context.ts";
import { countAnyway, countInLedger, countInMemory } from "./counts.ts";
import { EvenAnswers } from "./even-answers.ts";
import { createLimits } from "./limits.ts";
import { BridgeMetrics } from "./metrics.ts";
import { counted, PaceDebits } from "./pace-debits.ts";
import { poolFactors } from "./pool-factors.ts";
import { RecentThrottle } from "./recent-throttle.ts";
import { Refusals } from "./refusals.ts";
import { ResetTail, recordOf } from "./reset-tail.ts";
import { SeldomLog } from "./seldom-log.ts";
import type { BridgeSettings } from "./settings.ts";
import { Turns } from "./turns.ts";
import { within } from "./within.ts";

/** Several of them are on the way of one sign-in. */
const CALL_TIMEOUT_MS = 8_000;
/** Of a whole request. */
const REQUEST_TIMEOUT_MS = 20_000;
/** The key is not proven to be of the environment that the settings name. */
const UNPROVEN = "access_not_proven";

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
  required(fittingRoutes(own.routes, vendor));
  const mail = settings.mail === null ? null : await createMailSink(settings.mail);
  // A mail server that is down keeps nobody from signing in.
  if (mail !== null) required(await mail.checkTexts());
  const logger = pino({ level: settings.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const metrics = new BridgeMetrics();
  let alert = (_: string) => {};
  const onTrouble = (code: string, cause?: string) => {
    metrics.trouble(code);
    logger.warn({ code, ...(cause !== undefined && { cause }) }, "trouble");
    alert(code);
  };
  const seldom = new SeldomLog(logger);
  const afterAnswers = new AfterAnswers((error) => {
    onTrouble(error instanceof LedgerError ? error.problem : "unexpected");
    // Its message may quote what somebody typed.
    logger.error({ error: error instanceof Error ? error.name : "unknown" }, "work after an answer failed");
  });
  const source = createUserSource({ ...own, callTimeoutMs: CALL_TIMEOUT_MS });
  const client = new AppClientWatch(
    createPasswordCheck({ ...own, callTimeoutMs: CALL_TIMEOUT_MS, findUser: source.findUser }),
    { metrics, log: seldom },
  );
  const closeCognito = () => {
    client.passwords.close();
    source.close();
  };
  try {
    await client.begin();
  } catch (error) {
    closeCognito();
    throw error;
  }
  const destination = vendor.connect(CALL_TIMEOUT_MS);
  const ledger = await openLedger(settings.ledgerUrl, { isWaitedFor: true });
  const debits = new PaceDebits(ledger, destination, onTrouble);
  const calls = counted(vendor.signIn(CALL_TIMEOUT_MS), destination.facts, debits.count);
  const access = new AccessWatch({
    destination,
    count: debits.count,
    onUnproven(answer) {
      metrics.trouble(UNPROVEN);
      const why = failureSentence(vendor.vendor, answer);
      seldom.write("error", UNPROVEN, `nobody is looked up, brought over or mailed: ${why}`);
    },
  });
  const accounts = access.provenFirst(calls);
  const migration = {
    poolId: own.userPoolId,
    destinationKind: destination.kind,
    environment: destination.environment,
  };
  const { soon: kept, durable, taken, giveBack } = countInLedger(ledger, onTrouble);
  const limits = createLimits({
    migration,
    triesPerMinute: own.triesPerMinute,
    forgotten: {
      perAccountAMinute: destination.facts.resets.perAddressAMinute,
      perAddressAnHour: own.forgottenPerAddressAnHour,
    },
    mailsPerDay: own.mailsPerDay,
    signatureMs: SIGNATURE_KEPT_MS,
    // In a file each try would wait for whoever writes it.
    tries: ledger.kind === "postgresql" ? countAnyway(kept) : countInMemory(),
    kept,
    durable,
    giveBack,
    taken,
  });
  alert = createAlerts({
    take: limits.alert,
    giveBack: limits.giveBackAlert,
    webhook: settings.alertWebhook,
    userPoolId: own.userPoolId,
    logger,
    afterAnswers,
    onFailure: () => onTrouble("alert_not_delivered"),
  });
  const context: BridgeContext = {
    deps: {
      ledger,
      migration,
      destination,
      accounts,
      passwords: client.passwords,
      throttle: new RecentThrottle(),
      source,
      poolHasFactors: poolFactors(ledger, source),
      resets: new ResetTail(ledger, accounts.resetEvents, recordOf(destination)),
      changedAccounts: own.changedAccounts,
      mail,
      mayMail: async () => (await limits.mail()) === 0,
      areMailsLeft: limits.areMailsLeft,
      count: debits.count,
      countPage: debits.countPage,
      onTrouble,
      late: new AbortController().signal,
    },
    secrets: own.secrets,
    client,
    access,
    limits,
    evenAnswers: new EvenAnswers(own.refusalMs),
    turns: new Turns(),
    afterAnswers,
    holdAnswer:
      holdMs === null
        ? null
        : () =>
            Promise.all([
              setTimeout(holdMs),
              within(REQUEST_TIMEOUT_MS, () => afterAnswers.idle(), undefined),
            ]),
    timeoutMs: REQUEST_TIMEOUT_MS,
    // A function has one address for callers and operations, and nothing before it.
    isPublic: holdMs !== null,
    metrics,
    refusals: new Refusals(metrics, seldom),
    logger,
  };
  return {
    app: createApp(context, own.routes),
    context,
    copyResets: () => copyResets(context),
    async close() {
      await afterAnswers.idle();
      await debits.drain();
      closeCognito();
      mail?.close();
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

/** Proofs for somebody who does not ask would count as if passwords came to this destination. */
function fittingRoutes(routes: BridgeSettings["routes"], { vendor }: ConfiguredVendor): Parsed<null> {
  const { name, facts } = vendor;
  const foreign = routes.filter((route) => !facts.signInContracts.includes(route));
  if (foreign.length === 0) return { ok: true, value: null };
  const fitting = facts.signInContracts.join(", ");
  return {
    ok: false,
    sentence: `SPILLWAY_BRIDGE_ROUTES names ${foreign.join(", ")}, which nobody asks in a migration to ${name}; of the routes, ${fitting} is for it.`,
  };
}

/**
 * So that the tail is short when a sign-in has to read it, and no event is lost that the destination forgets. Nothing of a
 * purged migration: nobody is brought over before a run has read the pool again, and what was removed stays away.
 */
async function copyResets({ deps }: BridgeContext): Promise<void> {
  try {
    const migration = await deps.ledger.read((db) => findMigration(db, deps.migration));
    if (migration === undefined || isPurged(migration)) return;
    const copied = await deps.resets.catchUp(migration.id);
    if (!copied.ok) deps.onTrouble("resets_not_copied");
  } catch {
    deps.onTrouble("resets_not_copied");
  }
}
