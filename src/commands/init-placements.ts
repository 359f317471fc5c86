import type { RegisteredVendor } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import type { KnownProvider } from "../domain/pool.ts";
import { clientFate, providerFate } from "../plan/placement.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { soFar } from "./init-answer.ts";
import type { KnownPool } from "./init-known.ts";
import { askEach, belongsTo, type Topic } from "./init-placement.ts";
import { say } from "./say.ts";

/** Asks about each provider that the destination has a counterpart for. */
export async function askProviders(
  file: MigrationFile,
  known: KnownPool,
  vendor: RegisteredVendor,
): Promise<Pick<MigrationFile, "providers">> {
  const topics = (known.providers ?? []).flatMap((provider) => providerTopic(file, provider, vendor));
  const providers = await askEach("providers", topics, file, known, vendor);
  return Object.keys(providers).length === 0 ? {} : { providers };
}

function providerTopic(
  file: MigrationFile,
  provider: KnownProvider,
  { name, rules }: RegisteredVendor,
): Topic[] {
  const fate = providerFate(soFar(file), provider, rules);
  const what = `Identity provider ${provider.name} (${provider.type})`;
  switch (fate.kind) {
    case "none":
      say(wrapped(`${what} has no counterpart at ${name}. ${fate.instead}`, columnsOf(process.stdout)));
      return [];
    case "dashboard": {
      const without = { name: `A person sets it up at ${name}, and the run waits for that` };
      // Of its own kind of provider the destination has one for all.
      return [
        { name: provider.name, message: `${what}:`, without, takesOrganization: provider.type === "OIDC" },
      ];
    }
    case "connection": {
      const without = { name: belongsTo(fate.organization) };
      return [{ name: provider.name, message: `${what}:`, without, takesOrganization: true }];
    }
    default:
      return [{ name: provider.name, message: `${what}:`, without: LATER, takesOrganization: true }];
  }
}

const LATER = {
  name: "Decide later",
  description: "A run stops at it until the file says something of it; check names it.",
};

/** Asks about each app client that gets tokens for itself: all others need no word. */
export async function askClients(
  file: MigrationFile,
  known: KnownPool,
  vendor: RegisteredVendor,
): Promise<Pick<MigrationFile, "clients">> {
  const parsed = soFar(file);
  const needing = (known.clients ?? []).filter(
    (client) => clientFate(parsed, client, vendor.rules).kind === "organization_missing",
  );
  const topics = needing.map(({ id, name }) => ({
    name: id,
    message: `App client ${name}, which gets tokens for itself:`,
    ...{ without: LATER, takesOrganization: true },
  }));
  const clients = await askEach("clients", topics, file, known, vendor);
  return Object.keys(clients).length === 0 ? {} : { clients };
}
