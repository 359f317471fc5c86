import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { RoleRecord } from "../../domain/records.ts";
import type { Call, Item } from "../sending.ts";
import type { FoundRole, Roles } from "../structure.ts";
import { called, foundAnswerOf, goodRows, nullIfAbsent } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { findIn, listOf } from "./holdings.ts";
import { type Made, outcomeOf, type Probe, type Settled, senderOf, settle, unclear } from "./settle.ts";

const ROLES = "/authorization/roles";
/** A create, a look-up, and two calls for each permission: enough for far more of them than a role has. */
const MAX_CALLS = 1_000;

/** Roles of the environment, found again by slug. */
export function createRoles(client: WorkOS, probe: Probe): Roles {
  const calls = roleCalls(client);
  return {
    ...senderOf<RoleRecord>(probe, MAX_CALLS, (item, call) => sendRole(calls, item, call)),
    list: async () => foundAnswerOf(await calls.list()),
    // All at once: the document knows no pages here.
    holdings: { list: listOf(client, ROLES, toFound, () => ({})), find: findIn(client, ROLES, toFound) },
  };
}

type RoleCalls = ReturnType<typeof roleCalls>;

/** One HTTP call each; never rejects. */
function roleCalls(client: WorkOS) {
  const { authorization } = client;
  return {
    create: (record: RoleRecord) =>
      called(async () => toRole(await authorization.createEnvironmentRole(toOptions(record)))),
    bySlug: async (slug: string) =>
      nullIfAbsent(await called(async () => toRole(await authorization.getEnvironmentRole(slug)))),
    /** All at once: the document knows no pages here. Past the SDK's own method, which reads a row before anybody can judge it. */
    list: () =>
      called(async () => {
        const { data } = await client.get(ROLES);
        return goodRows(listed.parse(data).data, (row) => named.parse(row).slug).good;
      }),
    createPermission: (slug: string) =>
      called(async () => {
        await authorization.createPermission({ slug, name: slug });
      }),
    /** Leaves those alone that the role has. */
    addPermission: (role: string, permissionSlug: string) =>
      called(async () => toRole(await authorization.addEnvironmentRolePermission(role, { permissionSlug }))),
  };
}

/**
 * The role first, then its permissions one by one: a role that is there keeps what it has. Every step may be repeated,
 * so an item in doubt goes the same way again.
 */
async function sendRole(calls: RoleCalls, item: Item<RoleRecord>, call: Call): Promise<Settled> {
  const role = await bringRole(calls, item, call);
  if (role.kind !== "created" && role.kind !== "already_there") return role;
  let hadEffect = role.kind === "created";
  for (const permission of item.record.permissions) {
    const added = await bringPermission(calls, item, permission, call);
    hadEffect ||= added.hadEffect;
    if (added.failure !== null) return hadEffect ? unfinished(added.failure) : outcomeOf(added.failure);
  }
  return role;
}

async function bringRole(calls: RoleCalls, item: Item<RoleRecord>, call: Call): Promise<Settled> {
  const { record } = item;
  await call.write([item]);
  const created = await calls.create(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  const lookUp = async () => {
    await call.read();
    return calls.bySlug(record.slug);
  };
  return settle(created.failure, lookUp, item);
}

interface Added {
  failure: Failure | null;
  hadEffect: boolean;
}

async function bringPermission(
  calls: RoleCalls,
  item: Item<RoleRecord>,
  permission: string,
  call: Call,
): Promise<Added> {
  await call.write([item]);
  const made = await calls.createPermission(permission);
  if (!made.ok && made.failure.kind !== "duplicate") return { failure: made.failure, hadEffect: false };
  await call.write([item]);
  const added = await calls.addPermission(item.record.slug, permission);
  if (added.ok) return { failure: null, hadEffect: true };
  // Both are there by now: whoever does not see them yet will.
  if (added.failure.kind === "absent") return { failure: NOT_SEEN, hadEffect: made.ok };
  return { failure: added.failure, hadEffect: made.ok };
}

const NOT_SEEN: Failure = {
  kind: "duplicate",
  code: "exists_but_not_visible",
  message: "The role or one of its permissions is there, and cannot be found yet.",
};

/** Throttled or locked out after a step that took effect must not count as "had no effect". */
function unfinished(failure: Failure): Settled {
  const message = "The role is there, and not yet all of its permissions.";
  if (failure.kind === "slow_down") return unclear("role_unfinished", message, failure.retryAfterMs);
  if (failure.kind === "access_lost") return unclear("role_unfinished", message);
  if (failure.kind === "forbidden") return { ...failure, ifLost: unclear("role_unfinished", message) };
  return outcomeOf(failure);
}

type Options = Parameters<WorkOS["authorization"]["createEnvironmentRole"]>[0];

function toOptions({ slug, name, description }: RoleRecord): Options {
  return { slug, name: name.trim(), ...(description === "" ? {} : { description }) };
}

const listed = z.object({ data: z.array(z.unknown()) });
const named = z.object({ slug: z.string().min(1) });
const answered = named.extend({ createdAt: z.iso.datetime({ offset: true }) });

/** A role's own id serves no call: everything asks for its slug. Throws when the answer lacks it. */
function toRole(answer: unknown): Made {
  const { slug, createdAt } = answered.parse(answer);
  return { id: slug, createdAtMs: Date.parse(createdAt) };
}

/** OpenAPI 0.61, `Role`. */
const held = named.extend({
  name: z.string(),
  description: z.string().nullable(),
  permissions: z.array(z.string()),
});

function toFound(row: unknown): FoundRole {
  const { slug, name, description, permissions } = held.parse(row);
  return { id: slug, name, description: description ?? "", permissions };
}
