import { ConfigurationError, type Deps, type Orchestration } from "../activities/deps.ts";
import { Pacer } from "../activities/pacer.ts";
import type { UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import { createMailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import { createWorkos } from "../destinations/workos/workos.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Migration } from "../migration.ts";
import { createSecretStore } from "../secrets/create-store.ts";
import type { Settings } from "../settings.ts";

/** Wires what a worker's activities touch. */
export async function createDeps(
  settings: Settings,
  ledger: Ledger,
  orchestration: Orchestration,
): Promise<Deps> {
  const sources = new Map<string, UserSource>();
  let workos: Destination | undefined;
  return {
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
    destinationOf() {
      workos ??= destinationFor(settings, "workos");
      return workos;
    },
  };
}

/** Throws ConfigurationError if the settings of this destination are missing. */
export function destinationFor(settings: Settings, kind: Migration["destination"]["kind"]): Destination {
  switch (kind) {
    case "workos":
      if (!settings.workos.ok) throw new ConfigurationError(settings.workos.sentence);
      return createWorkos(settings.workos.value);
  }
}
