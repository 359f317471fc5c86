import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { Migration } from "../domain/migration.ts";
import type { KnownProvider } from "../domain/pool.ts";
import type { ProviderCheck } from "../ledger/providers.ts";
import { type ProviderFate, providerFate } from "../plan/placement.ts";

/** Where an identity provider stands, and how many links to it the pool has. */
export interface ProviderStanding {
  provider: KnownProvider;
  fate: ProviderFate;
  /** By the gate, or by the file alone before it; `missing` without a fault: nobody has looked yet. */
  check: ProviderCheck;
  identities: number;
}

/** Pure. */
export function providerStanding(
  file: Migration,
  provider: KnownProvider,
  check: ProviderCheck | undefined,
  identities: number,
  rules: KnowsCounterparts,
): ProviderStanding {
  const fate = providerFate(file, provider, rules);
  return { provider, fate, check: check ?? unseen(provider, fate), identities };
}

/** Who is left behind, or has no counterpart, is never looked at. */
function unseen({ name }: KnownProvider, fate: ProviderFate): ProviderCheck {
  const open = { name, state: "missing", fault: null, found: null, reason: null, earlier: 0 } as const;
  if (fate.kind === "left_behind") return { ...open, state: "skipped", reason: fate.reason };
  return fate.kind === "none" ? { ...open, state: "none", reason: fate.instead } : open;
}
