import { ConfigurationError, type Deps, type Orchestration } from "../activities/deps.ts";
import type { UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import { createMailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import { Pacer } from "../engine/pacer.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createSecretStore } from "../secrets/create-store.ts";
import { destinationSettings, type Settings } from "../settings.ts";
import { workerIdentity } from "./worker-identity.ts";

/** Wires what a worker's activities touch. */
export async function createDeps(
  settings: Settings,
  ledger: Ledger,
  orchestration: Orchestration,
): Promise<Deps> {
  const sources = new Map<string, UserSource>();
  const destinations = new Map<string, Destination>();
  const environmentOf = (kind: string) => {
    const configured = destinationSettings(settings, kind);
    return configured.ok ? configured.value.environment : null;
  };
  return {
    identity: workerIdentity(
      ledger.id,
      Object.fromEntries(settings.vendors.map(({ kind }) => [kind, environmentOf(kind)])),
    ),
    ledger,
    pacer: new Pacer(ledger),
    secrets: await createSecretStore(settings.secrets),
    mails: settings.mail === null ? null : await createMailSink(settings.mail),
    orchestration,
    alertWebhook: settings.alertWebhook,
    sourceOf(source) {
      const key = `${source.region}/${source.userPoolId}`;
      const known = sources.get(key) ?? createUserSource(source);
      sources.set(key, known);
      return known;
    },
    vendors: settings.vendors,
    environmentOf,
    destinationOf({ kind }) {
      const known = destinations.get(kind) ?? destinationFor(settings, kind);
      destinations.set(kind, known);
      return known;
    },
  };
}

/** Throws ConfigurationError if the settings of this destination are missing. */
function destinationFor(settings: Settings, kind: string): Destination {
  const configured = destinationSettings(settings, kind);
  if (!configured.ok) throw new ConfigurationError(configured.sentence);
  return configured.value.connect();
}
