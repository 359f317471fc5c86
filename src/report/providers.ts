import { type ProviderFate, providerFate } from "../activities/credentials/placement.ts";
import type { KnownProvider } from "../cognito/configuration.ts";
import type { ProviderCheck } from "../ledger/providers.ts";
import type { Migration } from "../migration.ts";
import type { DestinationFacts } from "./destination-facts.ts";

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
  facts: DestinationFacts,
): ProviderStanding {
  const fate = providerFate(file, provider, facts);
  return { provider, fate, check: check ?? unseen(provider, fate), identities };
}

/** Who is left behind, or has no counterpart, is never looked at. */
function unseen({ name }: KnownProvider, fate: ProviderFate): ProviderCheck {
  const open = { name, state: "missing", fault: null, found: null, reason: null } as const;
  if (fate.kind === "left_behind") return { ...open, state: "skipped", reason: fate.reason };
  return fate.kind === "none" ? { ...open, state: "none", reason: fate.instead } : open;
}
