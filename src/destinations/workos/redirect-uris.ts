import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { RedirectUriRecord, RedirectUris } from "../credentials.ts";
import type { MadeThing } from "../destination.ts";
import type { Call, Item, Outcome } from "../sending.ts";
import { answerOf, called, everyPage, type Page, pageQuery, removed } from "./calls.ts";
import { listOf } from "./holdings.ts";
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
  settle,
} from "./settle.ts";

const REDIRECT_URIS = "/user_management/redirect_uris";
/** Two lists of any number of pages, and a create. */
const MAX_CALLS = 1_000;

export interface FoundRedirectUri extends Made {
  uri: string;
  isDefault: boolean;
}

/** Found again by the address itself. */
export function createRedirectUris(client: WorkOS, probe: Probe): RedirectUris {
  return {
    ...senderOf<RedirectUriRecord>(probe, MAX_CALLS, (item, call) => sendRedirectUri(client, item, call)),
    removals: senderOf(probe, MAX_CALLS, (item, call) => remove(client, item, call)),
    holdings: {
      list: listOf(client, REDIRECT_URIS, (row) => {
        const { id, uri } = held.parse(row);
        return { id, uri };
      }),
      // OpenAPI 0.61 has no look-up of a single one.
      async find(id, beforeMore) {
        let calls = 0;
        const all = await allRedirectUris(client, async () => {
          calls += 1;
          if (calls > 1) await beforeMore();
        });
        return answerOf(all.ok ? { ...all, value: all.value.find((one) => one.id === id) ?? null } : all);
      },
    },
  };
}

/** Looked up before and after: WorkOS documents no code for one that is there. */
async function sendRedirectUri(client: WorkOS, item: Item<RedirectUriRecord>, call: Call): Promise<Settled> {
  const { uri } = item.record;
  const lookUp = () => byUri(client, uri, call);
  const found = await lookUp();
  if (!found.ok) return outcomeOf(found.failure);
  if (found.value !== null) return there(found.value, item);
  await call.write([item]);
  const created = await called(async () => toMade((await client.post<unknown>(REDIRECT_URIS, { uri })).data));
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return settle(created.failure, lookUp, item);
}

async function byUri(client: WorkOS, uri: string, call: Call) {
  const all = await allRedirectUris(client, () => call.read());
  return all.ok ? { ...all, value: all.value.find((one) => one.uri === uri) ?? null } : all;
}

async function remove(
  client: WorkOS,
  item: Item<MadeThing & RedirectUriRecord>,
  call: Call,
): Promise<Settled> {
  const { destinationId, uri } = item.record;
  let id = destinationId;
  if (id === null) {
    const found = await byUri(client, uri, call);
    if (!found.ok) return outcomeOf(found.failure);
    if (found.value === null) return goneOrTooEarly(item, call);
    if (ours(found.value, item).kind !== "created") return NOT_MADE_HERE;
    id = found.value.id;
  }
  const path = `${REDIRECT_URIS}/${encodeURIComponent(id)}`;
  await call.write([item]);
  const answer = await removed(() => client.delete(path));
  // A conflict says that it is the environment's default (OpenAPI 0.61).
  const isDefault = !answer.ok && answer.failure.kind === "duplicate";
  return isDefault ? { kind: "skipped", reason: "default_redirect_uri" } : removal(answer, item);
}

/** Before anything was sent, what is there cannot be ours. */
function there(made: Made, item: Item<RedirectUriRecord>): Outcome {
  return item.inDoubt ? ours(made, item) : { kind: "already_there", destinationId: made.id };
}

/** Of the environment; `beforeEach` lets one call go. */
export function allRedirectUris(client: WorkOS, beforeEach?: () => Promise<void>) {
  const read = (cursor: string | null) =>
    called(async () =>
      toRedirectUris((await client.get<unknown>(REDIRECT_URIS, { query: pageQuery(cursor) })).data),
    );
  return everyPage(read, beforeEach);
}

/** What comes without the SDK's own methods is as WorkOS spells it. */
const answered = z.object({ id: z.string().min(1), created_at: z.iso.datetime({ offset: true }) });
const held = answered.extend({ uri: z.string() });
const answeredRedirectUris = z.object({
  data: z.array(answered.extend({ uri: z.string(), default: z.boolean().catch(false) })),
  list_metadata: z.object({ after: z.string().nullish() }).optional(),
});

function toRedirectUris(answer: unknown): Page<FoundRedirectUri> {
  const { data, list_metadata } = answeredRedirectUris.parse(answer);
  const items = data.map((one) => ({ ...toMade(one), uri: one.uri, isDefault: one.default }));
  return { items, nextCursor: list_metadata?.after ?? null };
}

/** Throws when the answer lacks what an outcome rests on. */
function toMade(answer: unknown): Made {
  const { id, created_at } = answered.parse(answer);
  return { id, createdAtMs: Date.parse(created_at) };
}
