import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import { Secret } from "../../domain/secret.ts";
import type {
  Application,
  ApplicationRecord,
  ApplicationSecret,
  Applications,
  FoundApplication,
} from "../credentials.ts";
import type { MadeThing } from "../destination.ts";
import type { Call, Item } from "../sending.ts";
import { answerOf, called, everyPage, nullIfAbsent, pageQuery, removed } from "./calls.ts";
import { facts } from "./facts.ts";
import { findIn, listOf } from "./holdings.ts";
import {
  type Absence,
  goneOrTooEarly,
  type Made,
  NOT_MADE_HERE,
  ours,
  outcomeOf,
  type Probe,
  removal,
  type Settled,
  senderOf,
  unclear,
} from "./settle.ts";

const APPLICATIONS = "/connect/applications";
/** A list of any number of pages, then a create, or the removal of twins. */
const MAX_CALLS = 1_000;
/** Most that are made show far sooner than they must. The lag goes by in waits of this length. */
const LOOK_AGAIN_MS = 10_000;

const ORGANIZATION_MISSING: Absence = {
  code: "organization_missing",
  message: "WorkOS does not know the organization of the application.",
};

/** Connect applications, found again by the key in their description. */
export function createApplications(client: WorkOS, probe: Probe): Applications {
  const calls = applicationCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendApplication(calls, item, call)),
    async find(id) {
      const answer = answerOf(await calls.byId(id));
      if (!answer.ok || answer.value === null) return answer.ok ? { ok: true, value: null } : answer;
      return { ok: true, value: { id: answer.value.id, clientId: answer.value.clientId } };
    },
    listSecrets: async (applicationId) => answerOf(await calls.secrets(applicationId)),
    async newSecret(applicationId) {
      const answer = answerOf(await calls.createSecret(applicationId));
      if (!answer.ok) return answer;
      return { ok: true, value: { id: answer.value.id, secret: new Secret(answer.value.secret) } };
    },
    removals: senderOf(probe, MAX_CALLS, (item, call) => remove(calls, item, call)),
    async removeSecret(secretId) {
      const answer = await calls.removeSecret(secretId);
      return answerOf(answer.ok ? { ok: true, value: null } : answer);
    },
    holdings: { list: listOf(client, APPLICATIONS, toFound), find: findIn(client, APPLICATIONS, toFound) },
  };
}

type ApplicationCalls = ReturnType<typeof applicationCalls>;

/** One HTTP call each; never rejects. */
function applicationCalls({ connect }: WorkOS) {
  return {
    create: (record: ApplicationRecord) =>
      called(async () => toApplication(await connect.createApplication(toOptions(record)))),
    page: (cursor: string | null) =>
      called(async () => {
        const { data, listMetadata } = await connect.listApplications(pageQuery(cursor));
        return { items: data.map(toApplication), nextCursor: listMetadata.after ?? null };
      }),
    byId: async (id: string) =>
      nullIfAbsent(await called(async () => toApplication(await connect.getApplication({ id })))),
    remove: (id: string) => removed(() => connect.deleteApplication({ id })),
    secrets: (id: string) =>
      called(async () => (await connect.listApplicationClientSecrets({ id })).map(toSecret)),
    /** The secret in plain: for whoever wraps it at once. */
    createSecret: (id: string) =>
      called(async () => answeredNewSecret.parse(await connect.createApplicationClientSecret({ id }))),
    removeSecret: (id: string) => removed(() => connect.deleteClientSecret({ id })),
  };
}

/**
 * WorkOS de-duplicates no application, so the key in its description is looked for first, always. One that is not
 * found and may have been made is waited for; where it appears too late, the younger twin goes. One that is older than
 * the first claim is somebody's, who copied the description.
 */
async function sendApplication(
  calls: ApplicationCalls,
  item: Item<ApplicationRecord>,
  call: Call,
): Promise<Settled> {
  const { record } = item;
  const all = await everyPage(calls.page, () => call.read());
  if (!all.ok) return outcomeOf(all.failure);
  const [kept, ...others] = withKey(all.value, record.key);
  const twins = others.filter((other) => ours(other, item).kind === "created");
  if (kept !== undefined) return keepOnly(calls, kept, twins, item, call);

  const doubtMs = Math.max(0, call.nowMs() - item.lastTriedAtMs);
  const leftMs = facts.lookUpLagMs - doubtMs;
  if (item.inDoubt && leftMs > 0)
    return unclear(
      "not_visible_yet",
      "An earlier try may have made it, and no list shows it.",
      Math.min(leftMs, LOOK_AGAIN_MS),
    );
  await call.write([item]);
  const created = await calls.create(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return outcomeOf(created.failure, ORGANIZATION_MISSING);
}

/** Of those of which nobody knows whether they were made, twins too. */
async function remove(
  calls: ApplicationCalls,
  item: Item<MadeThing & Pick<ApplicationRecord, "key">>,
  call: Call,
): Promise<Settled> {
  const { destinationId, key } = item.record;
  if (destinationId !== null) {
    await call.write([item]);
    return removal(await calls.remove(destinationId), item);
  }
  const all = await everyPage(calls.page, () => call.read());
  if (!all.ok) return outcomeOf(all.failure);
  const found = withKey(all.value, key);
  const made = found.filter((one) => ours(one, item).kind === "created");
  if (made.length === 0) return found.length > 0 ? NOT_MADE_HERE : goneOrTooEarly(item, call);
  for (const { id } of made) {
    await call.write([item]);
    const answer = await calls.remove(id);
    if (!answer.ok) return unclear("twins_left", "It may be there still, or a twin of it.");
  }
  return { kind: "removed" };
}

/** Oldest first. */
function withKey(all: readonly ListedApplication[], key: string): ListedApplication[] {
  return all.filter(({ description }) => keyIn(description) === key).sort(byAge);
}

/** The key is all of the description, or its last word: people may write in front of it. */
function keyIn(description: string): string {
  return description.trimEnd().split(/\s/).at(-1) ?? "";
}

function byAge(a: ListedApplication, b: ListedApplication): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}

async function keepOnly(
  calls: ApplicationCalls,
  kept: ListedApplication,
  twins: readonly ListedApplication[],
  item: Item<ApplicationRecord>,
  call: Call,
): Promise<Settled> {
  let hadEffect = false;
  for (const twin of twins) {
    await call.write([item]);
    const gone = await calls.remove(twin.id);
    if (!gone.ok) return hadEffect ? twinsLeft(outcomeOf(gone.failure)) : outcomeOf(gone.failure);
    hadEffect = true;
  }
  if (!item.inDoubt) return { kind: "already_there", destinationId: kept.id };
  return ours(kept, item);
}

/** Throttled or locked out after a removal must not count as "had no effect". */
function twinsLeft(outcome: Settled): Settled {
  const message = "It is there more than once, and not all twins are removed.";
  if (outcome.kind === "slow_down") return unclear("twins_left", message, outcome.retryAfterMs);
  if (outcome.kind === "access_lost") return unclear("twins_left", message);
  if (outcome.kind === "forbidden") return { ...outcome, ifLost: unclear("twins_left", message) };
  return outcome;
}

type Options = Parameters<WorkOS["connect"]["createApplication"]>[0];

/** The key stands in the description: an application has no external id. */
function toOptions(record: ApplicationRecord): Options {
  const common = { name: record.name, description: record.key, scopes: [...record.scopes] };
  if (record.kind === "m2m")
    return { ...common, applicationType: "m2m", organizationId: record.organizationId };
  const { redirectUris, usesPkce } = record;
  const defaultUri = record.defaultRedirectUri ?? redirectUris[0];
  return {
    ...common,
    applicationType: "oauth",
    isFirstParty: true,
    usesPkce,
    redirectUris: redirectUris.map((uri) => ({ uri, default: uri === defaultUri })),
  };
}

const id = z.string().min(1);
const answeredApplication = z.object({
  id,
  clientId: z.string().min(1),
  description: z.string().nullable().catch(null),
  createdAt: z.date(),
});
/** Where it cannot be read, it may be in use. */
const answeredSecret = z.object({ id, createdAt: z.date(), lastUsedAt: z.unknown() });
const answeredNewSecret = z.object({ id, secret: z.string().min(1) });

interface ListedApplication extends Application, Made {
  description: string;
}

/** Throws when the answer lacks what an outcome rests on. */
function toApplication(answer: unknown): ListedApplication {
  const { id, clientId, description, createdAt } = answeredApplication.parse(answer);
  return { id, clientId, description: description ?? "", createdAtMs: createdAt.getTime() };
}

function toSecret(answer: unknown): ApplicationSecret {
  const { id, createdAt, lastUsedAt } = answeredSecret.parse(answer);
  return { id, createdAtMs: createdAt.getTime(), wasUsed: lastUsedAt !== null };
}

/** OpenAPI 0.61, `ConnectApplication`, as WorkOS spells it. */
const common = z.object({
  id,
  client_id: z.string().min(1),
  description: z.string().nullable(),
  name: z.string(),
  scopes: z.array(z.string()),
  organization_id: z.string().nullish(),
});
const held = z.discriminatedUnion("application_type", [
  common.extend({ application_type: z.literal("m2m") }),
  common.extend({
    application_type: z.literal("oauth"),
    redirect_uris: z.array(z.object({ uri: z.string(), default: z.boolean() })),
    uses_pkce: z.boolean(),
    is_first_party: z.boolean(),
  }),
]);

function toFound(row: unknown): FoundApplication {
  const found = held.parse(row);
  const { id, client_id, description, name, scopes, organization_id = null } = found;
  const key = keyIn(description ?? "");
  const signIn =
    found.application_type === "m2m"
      ? null
      : {
          redirectUris: found.redirect_uris.map(({ uri }) => uri),
          defaultRedirectUri: found.redirect_uris.find((uri) => uri.default)?.uri ?? null,
          usesPkce: found.uses_pkce,
          isFirstParty: found.is_first_party,
        };
  return {
    ...{ id, clientId: client_id, name, scopes, signIn },
    key: key === "" ? null : key,
    organizationId: organization_id,
  };
}
