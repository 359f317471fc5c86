import type { KnownProvider } from "../domain/pool.ts";
import type { ProviderCheck } from "../ledger/providers.ts";
import type { ProviderFate } from "../plan/placement.ts";
import { faultAdvice, type Look, providerTask } from "../plan/provider-advice.ts";

/** Where an identity provider stands, as the ledger knows it. */
export interface ProviderStanding {
  name: string;
  type: string;
  /** `unchecked`: no run has looked at it yet. `none`: it has no counterpart. */
  state: ProviderCheck["state"] | "unchecked";
  /** What the last look at it found wrong, as a stable word. */
  fault: string | null;
  /** Sentences; empty where there is nothing to do. */
  whatToDo: string[];
  /** Why the migration goes on without it. */
  reason: string | null;
  /** An earlier run was told so, and this one goes by it. */
  sinceEarlierRun: boolean;
}

const TAKE_BACK = "To take that back, set it up: a run then counts it as verified by itself.";
const PLACE_IT = 'Name its organization under "providers" in the migration file, and start again.';

/** `check` is undefined before the gate's first look. */
export function providerStanding(
  provider: KnownProvider,
  fate: ProviderFate,
  check: ProviderCheck | undefined,
  isDryRun: boolean,
): ProviderStanding {
  const { name, type } = provider;
  if (check === undefined)
    return { name, type, fault: null, sinceEarlierRun: false, ...unchecked(provider, fate) };
  const { state, fault, found, reason } = check;
  const sinceEarlierRun = check.earlier === 1;
  const whatToDo = state === "missing" ? mending(provider, fate, { fault, isDryRun }, found) : [];
  // Nobody has looked at it: its steps stand without an advice on what was found.
  if (state === "open") whatToDo.push(...providerTask(provider, fate));
  if (state === "skipped" && sinceEarlierRun) whatToDo.push(TAKE_BACK, ...providerTask(provider, fate));
  return { name, type, state, fault, whatToDo, reason, sinceEarlierRun };
}

/** The file may tell already what the gate will say. */
function unchecked(
  provider: KnownProvider,
  fate: ProviderFate,
): Pick<ProviderStanding, "state" | "whatToDo" | "reason"> {
  switch (fate.kind) {
    case "none":
      return { state: "none", whatToDo: [], reason: fate.instead };
    case "left_behind":
      return { state: "skipped", whatToDo: [], reason: fate.reason };
    case "organization_missing":
      return { state: "unchecked", whatToDo: [PLACE_IT], reason: null };
    default:
      return { state: "unchecked", whatToDo: providerTask(provider, fate), reason: null };
  }
}

function mending(provider: KnownProvider, fate: ProviderFate, look: Look, found: string | null): string[] {
  if (fate.kind === "organization_missing") return [PLACE_IT];
  const advice = faultAdvice(provider, fate, look, found);
  // The advice on a fault holds the steps.
  return look.fault === null ? [advice, ...providerTask(provider, fate)] : [advice];
}
