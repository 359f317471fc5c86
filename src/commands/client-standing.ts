import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { KnownClient } from "../domain/pool.ts";
import type { KnownApplication } from "../ledger/applications.ts";
import type { ObjectState } from "../ledger/planned-objects.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { secretName } from "../plan/keys.ts";
import { clientFate } from "../plan/placement.ts";

/** What became of an app client, as the ledger knows it. */
export interface ClientStanding {
  /** Cognito's. */
  clientId: string;
  name: string;
  /** `missing`: an application is to be made of it. `none`: it needs none. */
  state: "made" | "missing" | "skipped" | "none";
  newClientId: string | null;
  /** In the secret store; null for a public client, and before the application is made. */
  secretName: string | null;
  /** Why there is no application. */
  reason: string | null;
}

/** What the ledger holds of all of them. */
export interface MadeOfClients {
  applications: readonly KnownApplication[];
  /** Their work items. */
  items: readonly ObjectState[];
}

export function clientStanding(
  { file, environment }: Pick<MigrationRow, "file" | "environment">,
  client: KnownClient,
  { applications, items }: MadeOfClients,
  destination: KnowsCounterparts,
): ClientStanding {
  const { id: clientId, name } = client;
  const without = { clientId, name, newClientId: null, secretName: null };
  const fate = clientFate(file, client, destination);
  if (fate.kind === "left_behind") return { ...without, state: "skipped", reason: fate.reason };
  if (fate.kind === "not_needed")
    return { ...without, state: "none", reason: "It does not use OAuth: its application needs no client." };
  if (fate.kind === "not_taken")
    return { ...without, state: "none", reason: "The destination takes no applications." };
  const made = applications.find((application) => application.clientId === clientId);
  if (made !== undefined) {
    const kept = made.secretId === null ? null : secretName(file.source.userPoolId, environment, clientId);
    const newClientId = made.destinationClientId;
    return { clientId, name, state: "made", newClientId, secretName: kept, reason: null };
  }
  const item = items.find(({ key }) => key === clientId);
  return { ...without, state: "missing", reason: missingReason(fate.kind, item) };
}

function missingReason(kind: string, item: ObjectState | undefined): string | null {
  if (kind === "organization_missing")
    return 'Name its organization under "clients" in the migration file, and start again.';
  if (item?.state === "failed") return `The destination refuses it (${item.code ?? "no code"}).`;
  return null;
}
