import { NOTHING } from "../../destinations/by-intent.ts";
import type { MadeConnection } from "../../destinations/credentials.ts";
import type { Destination, MadeThing } from "../../destinations/destination.ts";
import { oneACall } from "../../destinations/one-a-call.ts";
import { sendOne } from "../../destinations/sending.ts";
import type { PlacedKind } from "../../domain/books.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { placedAmong, standingIds } from "../../ledger/placed.ts";
import { lastPlanned } from "../../ledger/planned-objects.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { CredentialsPart } from "../../plan/credentials-parts.ts";
import { applicationKey } from "../../plan/keys.ts";

type ConnectionData = Extract<CredentialsPart, { kind: "connection" }>["data"];

type Undone =
  | { kind: "application"; record: MadeThing & { key: string } }
  | { kind: "redirect_uri"; record: MadeThing & { uri: string } }
  | { kind: "connection"; record: MadeConnection };

/** Applications, redirect URIs and connections that were made. */
export function undoCredentials(ledger: Ledger, destination: Destination, migrationId: number): Work<Undone> {
  const { applications, redirectUris, connections } = destination;
  const senders = {
    application: applications.removals ?? NOTHING,
    redirect_uri: redirectUris.removals ?? NOTHING,
    connection: connections.removals ?? NOTHING,
  };
  return {
    sender: oneACall({
      callsInFlight: Math.min(...Object.values(senders).map(({ callsInFlight }) => callsInFlight)),
      maxCalls: Math.max(...Object.values(senders).map(({ maxCalls }) => maxCalls)),
      send({ record: thing, ...tries }, call) {
        switch (thing.kind) {
          case "application":
            return sendOne(senders.application, { ...tries, record: thing.record }, call);
          case "redirect_uri":
            return sendOne(senders.redirect_uri, { ...tries, record: thing.record }, call);
          case "connection":
            return sendOne(senders.connection, { ...tries, record: thing.record }, call);
        }
      },
    }),
    prepare: (items) => Promise.all(items.map((item) => prepared(ledger, migrationId, item))),
  };
}

async function prepared(
  ledger: Ledger,
  migrationId: number,
  { kind, key }: ClaimedItem,
): Promise<Prepared<Undone>> {
  const stands = (await ledger.read((db) => placedAmong(db, migrationId, kind, [key]))).get(key);
  if (stands === undefined || stands.state === "removed")
    return { outcome: { kind: "skipped", reason: "removed_at_destination" } };
  const { destinationId } = stands;
  const undone = (record: Undone): Prepared<Undone> => ({ record, fingerprint: "" });
  switch (kind) {
    case "application":
      return undone({ kind, record: { destinationId, key: applicationKey(key) } });
    case "redirect_uri":
      return undone({ kind, record: { destinationId, uri: key } });
    case "connection":
      return undone({ kind, record: await madeConnection(ledger, migrationId, key, destinationId) });
    default:
      throw unknownKind(kind);
  }
}

async function madeConnection(
  ledger: Ledger,
  migrationId: number,
  key: string,
  destinationId: string | null,
): Promise<MadeConnection> {
  const planned = await ledger.read((db) => lastPlanned(db, migrationId, { kind: "connection", key }));
  // Written by the plan only.
  const { provider: name, organization } = JSON.parse(planned) as ConnectionData;
  const ids = await ledger.read((db) => standingIds(db, migrationId, "organization", [organization]));
  return { destinationId, name, organizationId: ids.get(organization) ?? null };
}

function unknownKind(kind: PlacedKind): Error {
  return new Error(`The phase of credentials takes no ${kind} back.`);
}
