import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { ConnectionRecord, Connections, FoundConnection, MadeConnection } from "../credentials.ts";
import type { Call, Item } from "../sending.ts";
import { answerOf, called, everyPage, pageQuery, removed } from "./calls.ts";
import { checkProvider, type SignInDoor } from "./check-provider.ts";
import { toConnectionBody } from "./connection-body.ts";
import { findIn } from "./holdings.ts";
import {
  goneOrTooEarly,
  type Made,
  NOT_MADE_HERE,
  ours,
  outcomeOf,
  type Probe,
  removal,
  type Settled,
  senderOf,
} from "./settle.ts";

const CONNECTIONS = "/connections";
const MAX_CALLS = 1;
/** A list of any number of pages, and a removal. */
const MAX_CALLS_OF_REMOVAL = 1_000;

/** SAML and OpenID connections of organizations, found again by external id. */
export function createConnections(client: WorkOS, probe: Probe, door: SignInDoor): Connections {
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendConnection(client, item, call)),
    removals: senderOf(probe, MAX_CALLS_OF_REMOVAL, (item, call) => remove(client, item, call)),
    async list(organizationId) {
      const listed = await connectionsOf(client, organizationId);
      return answerOf(listed.ok ? { ok: true, value: listed.value.map(({ id }) => id) } : listed);
    },
    portalLink: async (organization) =>
      answerOf(
        await called(async () => {
          const { link } = await client.adminPortal.generateLink({ organization, intent: "sso" });
          return new URL(link).href;
        }),
      ),
    check: (target) => checkProvider(client, door, target),
    // No list: its rows do not show the external id, so that none tells whether it is ours.
    holdings: { find: findIn(client, CONNECTIONS, toFound) },
  };
}

/** `beforeEach` lets one call go. */
function connectionsOf({ sso }: WorkOS, organizationId: string, beforeEach?: () => Promise<void>) {
  const read = (cursor: string | null) =>
    called(async () => {
      const { data, listMetadata } = await sso.listConnections({ organizationId, ...pageQuery(cursor) });
      const items = data.map(({ id, name, createdAt }) => ({ id, name, createdAtMs: Date.parse(createdAt) }));
      return { items, nextCursor: listMetadata.after ?? null };
    });
  return everyPage(read, beforeEach);
}

/** No list tells an external id (OpenAPI 0.61): one of which nobody knows whether it was made is found by its name. */
async function remove(client: WorkOS, item: Item<MadeConnection>, call: Call): Promise<Settled> {
  const { destinationId, organizationId, name } = item.record;
  let id = destinationId;
  if (id === null) {
    if (organizationId === null) return { kind: "removed" };
    const all = await connectionsOf(client, organizationId, () => call.read());
    if (!all.ok) return outcomeOf(all.failure);
    const named = all.value.filter((one) => one.name === name);
    const own = named.find((one) => ours(one, item).kind === "created");
    if (own === undefined) return named.length > 0 ? NOT_MADE_HERE : goneOrTooEarly(item, call);
    id = own.id;
  }
  const { sso } = client;
  await call.write([item]);
  return removal(await removed(() => sso.deleteConnection(id)), item);
}

/**
 * A repeat of the same external id in an organization answers the connection that is there, so that an unclear create
 * is simply sent again. Any 404 means that the environment does not offer the API.
 */
async function sendConnection(client: WorkOS, item: Item<ConnectionRecord>, call: Call): Promise<Settled> {
  const { protocol } = item.record;
  if (protocol.kind === "saml" && protocol.metadataUrl === null && protocol.manual === null)
    return {
      kind: "rejected",
      code: "saml_settings_missing",
      message: "It has no metadata to be set up with.",
    };
  await call.write([item]);
  const created = await called(async () =>
    toMade((await client.post<unknown>(CONNECTIONS, toConnectionBody(item.record))).data),
  );
  if (created.ok) return ours(created.value, item);
  if (created.failure.kind === "absent") return { kind: "skipped", reason: "no_api" };
  return withoutSecret(outcomeOf(created.failure), item.record);
}

/** A vendor's message may quote what it was sent: one that does is not kept. */
function withoutSecret(outcome: Settled, { protocol }: ConnectionRecord): Settled {
  if (protocol.kind === "saml" || !("message" in outcome)) return outcome;
  if (!protocol.clientSecret.showsIn(outcome.message)) return outcome;
  return { ...outcome, message: "WorkOS's own words quote the client secret, so they are not kept." };
}

/** Past the SDK, which has no method for it. */
const answered = z.object({ id: z.string().min(1), created_at: z.iso.datetime({ offset: true }) });

/** Throws when the answer lacks what an outcome rests on. */
function toMade(answer: unknown): Made {
  const { id, created_at } = answered.parse(answer);
  return { id, createdAtMs: Date.parse(created_at) };
}

/** OpenAPI 0.61, `Connection`. One that was made here waits in other states for its first sign-in. */
const held = z.object({
  id: z.string().min(1),
  name: z.string(),
  organization_id: z.string().nullish(),
  state: z.string(),
});
const TURNED_OFF = ["inactive", "deleting"];

function toFound(row: unknown): FoundConnection {
  const { id, name, organization_id = null, state } = held.parse(row);
  return { id, name, organizationId: organization_id, isOn: !TURNED_OFF.includes(state) };
}
