import type { ProviderVerdict } from "../../destinations/credentials.ts";
import type { KeptProvider, SkippedProvider } from "../../domain/contract.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import type { GateAnswer } from "../../ledger/gate-answers.ts";
import type { ProviderCheck } from "../../ledger/providers.ts";
import { asConfigured } from "../../plan/as-configured.ts";

/** What people told the gate, in this run and in earlier ones. Pure. */

/** What an earlier run was told of a provider that Cognito has as it was then; else it is a new question. */
export function answerOf(kept: readonly GateAnswer[], provider: KnownProvider): GateAnswer | undefined {
  return kept.find(({ name, configured }) => name === provider.name && configured === asConfigured(provider));
}

/**
 * Whoever is left behind stays so, whatever stands against the provider. What was told to work is so as long as it looks as
 * it did then: people come along with it. `verdict` is null without an answer.
 */
export function stillHolds({ state, fault, found }: GateAnswer, verdict: ProviderVerdict | null): boolean {
  if (state === "skipped") return true;
  return verdict?.kind === "wrong" && verdict.code === fault && verdict.found === found;
}

/** What this run was told since its last look, for later ones. */
export function answersNow(
  told: readonly SkippedProvider[],
  providers: readonly KnownProvider[],
  checks: readonly ProviderCheck[],
  before: readonly ProviderCheck[],
): GateAnswer[] {
  return told.flatMap(({ name, reason, works = false }) => {
    const provider = providers.find((one) => one.name === name);
    const check = checks.find((one) => one.name === name);
    const last = before.find((one) => one.name === name);
    const state = works ? "verified" : "skipped";
    // One that was seen verified meanwhile needs no word; one that is noted has lost what stood against it.
    if (provider === undefined || check?.reason !== reason || last?.state === state) return [];
    const { fault = null, found = null } = last ?? {};
    return [{ name, state, reason, configured: asConfigured(provider), fault, found }];
  });
}

export function keptOf(checks: readonly ProviderCheck[]): KeptProvider[] {
  return checks.flatMap(({ name, state, reason, earlier }) =>
    earlier === 1 ? [{ name, reason: reason ?? "", works: state === "verified" }] : [],
  );
}
