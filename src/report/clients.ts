import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { KnownClient } from "../domain/pool.ts";
import type { KnownApplication } from "../ledger/applications.ts";
import type { ObjectState } from "../ledger/planned-objects.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { secretName } from "../plan/keys.ts";
import { type ClientFate, clientFate } from "../plan/placement.ts";

export type ClientOutcome =
  | "application"
  | "machine"
  | "not_needed"
  | "not_taken"
  | "left_behind"
  | "failed"
  | "open";

/** What became of an app client. Holds no secret. */
export interface ClientStanding {
  client: KnownClient;
  outcome: ClientOutcome;
  /** Null until the application stands. */
  destinationClientId: string | null;
  /** What the secret is called in the store; null without one. */
  secretName: string | null;
  /** What the owner of the application has to do. */
  note: string;
}

/** `application` and `item` are the ledger's, where it has them. Pure. */
export function clientStanding(
  { file, environment }: Pick<MigrationRow, "file" | "environment">,
  client: KnownClient,
  application: KnownApplication | undefined,
  item: Pick<ObjectState, "state" | "code"> | undefined,
  destination: KnowsCounterparts,
): ClientStanding {
  const none = { client, destinationClientId: null, secretName: null };
  const fate = clientFate(file, client, destination);
  switch (fate.kind) {
    case "not_needed":
      return {
        ...none,
        outcome: "not_needed",
        note: "Signs people in with Cognito's SDK: use the destination's own with the environment's client id.",
      };
    case "not_taken":
      return { ...none, outcome: "not_taken", note: "The destination takes no applications." };
    case "left_behind":
      return { ...none, outcome: "left_behind", note: `Left behind: ${fate.reason}` };
    case "organization_missing":
      return {
        ...none,
        outcome: "open",
        note: 'Name its organization under "clients" in the migration file.',
      };
    case "application":
    case "machine":
      if (application === undefined) return { ...none, ...unmade(item) };
      return {
        client,
        outcome: fate.kind,
        destinationClientId: application.destinationClientId,
        secretName:
          application.secretId === null ? null : secretName(file.source.userPoolId, environment, client.id),
        note: noteOf(fate, client, application),
      };
  }
}

function unmade(
  item: Pick<ObjectState, "state" | "code"> | undefined,
): Pick<ClientStanding, "outcome" | "note"> {
  if (item?.state !== "failed") return { outcome: "open", note: "Not made yet." };
  return {
    outcome: "failed",
    note: `The destination refuses it (${item.code ?? "no code"}): make the application by hand.`,
  };
}

function noteOf({ kind }: ClientFate, { flows }: KnownClient, { secretId }: KnownApplication): string {
  const what = secretId === null ? "the client id" : "client id and client secret";
  if (kind === "machine") return `Change ${what} and the address at which it gets tokens.`;
  const flow = flows.includes("implicit") ? " Change from the implicit flow to the code flow with PKCE." : "";
  return `Change ${what} and the addresses of the sign-in.${flow}`;
}

/** Where a secret is, for people. */
export function secretPlace(secretName: string): string {
  return `in the secret store as ${secretName}`;
}
