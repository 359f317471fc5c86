import { activityInfo } from "@temporalio/activity";
import type {
  Blocked,
  Gate,
  GateInput,
  MissingProvider,
  RunRef,
  SkippedProvider,
} from "../../domain/contract.ts";
import { finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import { forgetOtherAnswers, keepAnswers, keptAnswers } from "../../ledger/gate-answers.ts";
import { plannedObjects } from "../../ledger/planned-objects.ts";
import { type ProviderCheck, readProviderChecks, replaceProviderChecks } from "../../ledger/providers.ts";
import { PLAN_WALK } from "../../plan/counters.ts";
import { type ProviderFate, providerFate } from "../../plan/placement.ts";
import { faultAdvice } from "../../plan/provider-advice.ts";
import type { Deps } from "../deps.ts";
import { PILOT_PREFIX } from "../plan/decide-users.ts";
import { peopleSkippedAtGate } from "../plan/people-of-providers.ts";
import { type Checking, checkProvider } from "./check-provider.ts";
import { isProviderGone } from "./credentials-work.ts";
import { answerOf, answersNow, keptOf, stillHolds } from "./gate-answers.ts";
import { providersOf } from "./providers-of.ts";

/** Nothing changed since the run last heard of the gate: the attempt comes again after this. */
export class StillWaitingError extends Error {
  override readonly name = "StillWaitingError";
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("still waiting");
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Looks at every provider that has a counterpart and is not verified yet. Answers when that changed anything; else
 * throws StillWaitingError, so that waiting, however long, leaves no trace in the history.
 */
export async function awaitProviders(
  deps: Deps,
  { run, skipped, missing: known }: GateInput,
  pulse: Pulse,
): Promise<Gate | Blocked> {
  const { ledger } = deps;
  const { file, providers } = await providersOf(deps, run);
  const destination = deps.destinationOf(file.destination);
  const earlier = await ledger.read((db) => readProviderChecks(db, run.migrationId));
  const connections = await ledger.read((db) => plannedObjects(db, run, "connection"));
  const kept = await ledger.read((db) => keptAnswers(db, run));
  const checking: Checking = { deps, destination, file, run, pulse, connections, kept };
  const inUse = await providersInUse(deps, run, file);
  const checks: ProviderCheck[] = [];
  for (const provider of providers) {
    const before = earlier.find(({ name }) => name === provider.name);
    const fate = providerFate(file, provider, destination);
    const byHand = skipped.find(({ name }) => name === provider.name);
    const isKept = answerOf(kept, provider) !== undefined;
    const unneeded = inUse.has(provider.name) || isKept ? undefined : UNNEEDED;
    const own = connections.find(({ key }) => key === provider.name);
    const gone = own !== undefined && isProviderGone(own) ? GONE : undefined;
    const passed = byHand === undefined ? (gone ?? unneeded) : passedByHand(byHand);
    checks.push(await checkOne(checking, provider, fate, before, passed));
  }
  if (JSON.stringify(checks) !== JSON.stringify(earlier)) {
    const used = checks.filter(({ name }) => inUse.has(name));
    const findings = [
      ...(await peopleSkippedAtGate({ ledger, run, file, destination }, used)),
      ...keptOf(checks).map((one) => finding("gate_answer_kept", one)),
    ];
    const answers = answersNow(skipped, providers, checks, earlier);
    await ledger.write(async (tx) => {
      await replaceProviderChecks(tx, run, checks);
      await keepAnswers(tx, run, answers);
      await replaceFindings(tx, run.migrationId, run.generation, GATE, findings);
    });
  }
  const missing = missingOf(checks, providers, (provider) => providerFate(file, provider, destination));
  if (missing.length > 0 && known !== null && isSame(missing, known))
    throw new StillWaitingError(pollDelayMs(file, activityInfo().attempt));
  const holding = keptOf(checks);
  const areOver = missing.length === 0 && kept.length > holding.length;
  if (areOver)
    await ledger.write((tx) =>
      forgetOtherAnswers(
        tx,
        run,
        holding.map(({ name }) => name),
      ),
    );
  return { status: "gate", missing, kept: holding, totals: totalsOf(checks) };
}

/** Under which the findings of the gate stand beside those of its phase. */
export const GATE = "gate";
/** What the gate does not look at, and why. */
type Passed = Pick<ProviderCheck, "state" | "reason">;

const GONE: Passed = { state: "skipped", reason: "It was deleted in Cognito." };
const UNNEEDED: Passed = {
  state: "open",
  reason: "The pilot did not need it; the run of everyone waits for it.",
};

function passedByHand({ works, reason }: SkippedProvider): Passed {
  return { state: works ? "verified" : "skipped", reason };
}

/** All of them, but for a pilot: that waits only for those of its own people. */
async function providersInUse(
  { ledger }: Deps,
  run: RunRef,
  file: Migration,
): Promise<{ has(provider: string): boolean }> {
  if (file.only === undefined) return { has: () => true };
  const { counters } = await readCursor(ledger, cursorId(run, PLAN_WALK));
  return new Set(new Tally(counters).withPrefix(PILOT_PREFIX).map(([provider]) => provider));
}

/** Who is verified stays so: the gate asks whether people can come, not whether a provider is up at this moment. */
export async function checkOne(
  checking: Checking,
  provider: KnownProvider,
  fate: ProviderFate,
  before: ProviderCheck | undefined,
  passed: Passed | undefined,
): Promise<ProviderCheck> {
  const { name } = provider;
  const open = {
    name,
    state: "missing" as const,
    fault: null,
    found: null,
    reason: null,
    earlier: 0 as const,
  };
  if (fate.kind === "left_behind") return { ...open, state: "skipped", reason: fate.reason };
  if (fate.kind === "none") return { ...open, state: "none", reason: fate.instead };
  if (before?.state === "verified") return before;
  if (passed !== undefined) return { ...open, ...passed };
  const verdict = await checkProvider(checking, provider, fate);
  if (verdict?.kind === "verified") return { ...open, state: "verified" };
  const kept = answerOf(checking.kept, provider);
  if (kept !== undefined && stillHolds(kept, verdict))
    return { ...open, state: kept.state, reason: kept.reason, earlier: 1 };
  // No answer says nothing: what was known stays.
  if (verdict === null) return before?.state === "missing" ? before : open;
  return { ...open, fault: verdict.code, found: verdict.found };
}

function missingOf(
  checks: readonly ProviderCheck[],
  providers: readonly KnownProvider[],
  fateOf: (provider: KnownProvider) => ProviderFate,
): MissingProvider[] {
  return checks.flatMap(({ name, state, fault, found }) => {
    const provider = providers.find((one) => one.name === name);
    if (state !== "missing" || provider === undefined) return [];
    return [
      { name, fault, advice: faultAdvice(provider, fateOf(provider), { fault, isDryRun: false }, found) },
    ];
  });
}

function isSame(a: readonly MissingProvider[], b: readonly MissingProvider[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function pollDelayMs({ gate }: Migration, attempt: number): number {
  return 1_000 * Math.min(gate.firstPollSeconds * 2 ** (attempt - 1), gate.lastPollSeconds);
}

function totalsOf(checks: readonly ProviderCheck[]) {
  const count = (state: ProviderCheck["state"]) => checks.filter((check) => check.state === state).length;
  const of = checks.length - count("open");
  return { done: count("verified"), failed: 0, skipped: count("skipped") + count("none"), of };
}
