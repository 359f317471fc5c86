import type { KnownProvider } from "../../cognito/configuration.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { readCursor } from "../../ledger/cursors.ts";
import type { Finding } from "../../ledger/findings.ts";
import { type ProviderFate, providerFate } from "../credentials/placement.ts";
import { cursorId } from "../steps.ts";
import { Tally } from "../tally.ts";
import { PROVIDER_PREFIX } from "./link-accounts.ts";
import type { Planning } from "./planning.ts";

/** How many people sign in with providers that do not come along, and what they will do instead. */
export async function peopleOfProviders(planning: Planning): Promise<Omit<Finding, "phase">[]> {
  const { ledger, run, file, destination } = planning;
  const { counters } = await readCursor(ledger, cursorId(run, "plan:links"));
  const tally = new Tally(counters);
  const providers = await ledger.read((db) =>
    readConfiguration<KnownProvider>(db, run.migrationId, "provider"),
  );
  return providers.flatMap((provider) => {
    const instead = insteadOf(providerFate(file, provider, destination.credentials));
    const people = tally.get(`${PROVIDER_PREFIX}${provider.name}`);
    if (instead === null || people === 0) return [];
    return {
      severity: "warning",
      code: "people_without_provider",
      subject: provider.name,
      sentence: `${people} identities of ${provider.name} stand in the pool, and the provider does not come along: ${instead}`,
    };
  });
}

function insteadOf(fate: ProviderFate): string | null {
  if (fate.kind === "none") return fate.instead;
  if (fate.kind !== "left_behind") return null;
  return `these people sign in by e-mail afterwards (left behind: ${fate.reason}).`;
}
