import { type Draft, finding } from "../../domain/findings.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { PROVIDER_PREFIX } from "../../plan/counters.ts";
import { type ProviderFate, providerFate } from "../../plan/placement.ts";
import type { Planning } from "./planning.ts";

/** How many people sign in with providers that do not come along, and what they will do instead. */
export async function peopleOfProviders(planning: Planning): Promise<Draft[]> {
  const { ledger, run, file, destination } = planning;
  const { counters } = await readCursor(ledger, cursorId(run, "plan:links"));
  const tally = new Tally(counters);
  const providers = await ledger.read((db) =>
    readConfiguration<KnownProvider>(db, run.migrationId, "provider"),
  );
  return providers.flatMap((provider) => {
    const instead = insteadOf(providerFate(file, provider, destination));
    const identities = tally.get(`${PROVIDER_PREFIX}${provider.name}`);
    if (instead === null || identities === 0) return [];
    return [finding("people_without_provider", { provider: provider.name, identities, instead })];
  });
}

function insteadOf(fate: ProviderFate): string | null {
  if (fate.kind === "none") return fate.instead;
  if (fate.kind !== "left_behind") return null;
  return `These people sign in by e-mail afterwards (left behind: ${fate.reason}).`;
}
