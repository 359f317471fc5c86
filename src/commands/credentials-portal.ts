import type { Destination } from "../destinations/destination.ts";
import { vendorOf } from "../destinations/registry.ts";
import type { KnownProvider } from "../domain/pool.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { standingIds } from "../ledger/placed.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { type ProviderFate, providerFate } from "../plan/placement.ts";
import { askPatiently, destinationSentence, nameOf } from "./ask.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { knownSetUp } from "./known-set-up.ts";
import { destinationOf } from "./preflight.ts";
import { say } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { terminalOnly } from "./terminal-only.ts";

interface PortalOptions extends Choice {
  force?: boolean;
}

export async function portal(name: string, options: PortalOptions): Promise<void> {
  terminalOnly("The link", options);
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options, settings);
    const destination = destinationOf(migration.file, settings);
    if (destination.environment !== migration.environment)
      throw new UsageError(
        `The migration went to the environment ${migration.environment}, and the settings are those of ${destination.environment}; change ${vendorOf(migration.file.destination.kind).settings.access}.`,
      );
    const { providers } = await knownSetUp(ledger, migration);
    const organization = organizationOf(migration, providers, destination, name);
    const id = await organizationId(ledger, migration, organization);
    const link = await readLink(destination, organization, id);
    say(
      `${link}\nIt is good for a short time, and lets whoever holds it set up the sign-in of "${terminalText(organization)}".`,
    );
  });
}

function organizationOf(
  { file }: MigrationRow,
  providers: readonly KnownProvider[],
  destination: Destination,
  name: string,
): string {
  const provider = providers.find((one) => one.name === name);
  if (provider === undefined) throw new UsageError(unknownSentence(file.source.userPoolId, providers, name));
  const fate = providerFate(file, provider, destination);
  if (fate.kind === "connection") return fate.organization;
  throw new UsageError(noConnectionSentence(name, fate));
}

function unknownSentence(poolId: string, providers: readonly KnownProvider[], name: string): string {
  const names = providers.map((provider) => provider.name).join(", ");
  return names === ""
    ? `The pool ${poolId} has no identity providers.`
    : `The pool ${poolId} has no identity provider "${name}"; it has: ${names}.`;
}

function noConnectionSentence(name: string, fate: Exclude<ProviderFate, { kind: "connection" }>): string {
  switch (fate.kind) {
    case "dashboard":
      return `The provider ${name} has no connection; a person sets it up at ${fate.page}.`;
    case "none":
      return `The destination has no counterpart for the provider ${name}. ${fate.instead}`;
    case "left_behind":
      return `The migration file leaves the provider ${name} behind (${fate.reason}).`;
    case "organization_missing":
      return `The provider ${name} has no organization; name one under "providers" in the migration file and start again.`;
  }
}

async function organizationId(ledger: Ledger, { id }: MigrationRow, organization: string): Promise<string> {
  const found = await ledger.read((db) => standingIds(db, id, "organization", [organization]));
  const organizationId = found.get(organization);
  if (organizationId !== undefined) return organizationId;
  throw new UsageError(
    `The organization "${organization}" is not made yet, so there is nothing to set up; a run that is not dry makes it, and its connection where the API allows it. Start one, then look at \`./spillway credentials status\`.`,
  );
}

async function readLink(destination: Destination, organization: string, id: string): Promise<string> {
  const answer = await askPatiently(() => destination.connections.portalLink(id));
  if (answer.ok) return answer.value;
  // Most likely somebody removed the organization.
  if (answer.problem === "refused" || answer.problem === "unavailable")
    throw new UsageError(
      `${nameOf(destination.kind)} gives no link for the organization "${organization}" (${answer.code}); check that ${id} is there, ${vendorOf(destination.kind).settings.address} and the network.`,
    );
  throw new UsageError(destinationSentence(destination, answer));
}
