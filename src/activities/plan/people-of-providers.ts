import { WITHOUT_PROVIDER } from "../../domain/counterparts.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import { inSentence } from "../../domain/sentence.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { type ProviderCheck, readProviderChecks } from "../../ledger/providers.ts";
import { PROVIDER_PREFIX } from "../../plan/counters.ts";
import { type ProviderFate, providerFate } from "../../plan/placement.ts";
import type { Concluding } from "./concluding.ts";

type Counting = Omit<Concluding, "pulse">;

/** How many people sign in with providers that do not come along, and what they will do instead. */
export async function peopleOfProviders(counting: Counting): Promise<Draft[]> {
  const { ledger, run, file } = counting;
  // A pilot is planned before its gate: what the ledger holds of one is an earlier run's.
  const checks =
    file.only === undefined ? await ledger.read((db) => readProviderChecks(db, run.migrationId)) : [];
  return peopleWithout(
    counting,
    (provider, fate) => insteadByFile(fate) ?? insteadAtGate(checks, provider.name),
  );
}

/** The same of those alone that were skipped at the gate of a pilot, which knows its people by then. */
export function peopleSkippedAtGate(counting: Counting, checks: readonly ProviderCheck[]): Promise<Draft[]> {
  return peopleWithout(counting, (provider, fate) =>
    insteadByFile(fate) === null ? insteadAtGate(checks, provider.name) : null,
  );
}

async function peopleWithout(
  { ledger, run, file, destination }: Counting,
  insteadOf: (provider: KnownProvider, fate: ProviderFate) => string | null,
): Promise<Draft[]> {
  const { counters } = await readCursor(ledger, cursorId(run, "plan:links"));
  const tally = new Tally(counters);
  const providers = await ledger.read((db) =>
    readConfiguration<KnownProvider>(db, run.migrationId, "provider"),
  );
  return providers.flatMap((provider) => {
    const instead = insteadOf(provider, providerFate(file, provider, destination));
    const identities = tally.get(`${PROVIDER_PREFIX}${provider.name}`);
    if (instead === null || identities === 0) return [];
    return [finding("people_without_provider", { provider: provider.name, identities, instead })];
  });
}

function insteadByFile(fate: ProviderFate): string | null {
  if (fate.kind === "none") return fate.instead;
  return fate.kind === "left_behind" ? byEmail(fate.reason) : null;
}

function insteadAtGate(checks: readonly ProviderCheck[], provider: string): string | null {
  const check = checks.find(({ name }) => name === provider);
  return check?.state === "skipped" ? byEmail(check.reason ?? "skipped") : null;
}

function byEmail(reason: string): string {
  return `${WITHOUT_PROVIDER} It was left behind: ${inSentence(reason)}.`;
}
