import { DomainDataState, type WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { Answer } from "../destination.ts";
import type { Call, Item } from "../sending.ts";
import type { FoundOrganization, MadeOrganization, Organizations } from "../structure.ts";
import { answerOf, type Called, called, nullIfAbsent, removed } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { findIn, listOf } from "./holdings.ts";
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

const ORGANIZATIONS = "/organizations";
/** A look-up, a create and a look-up. */
const MAX_CALLS = 3;
/** A look-up, lists of any number of pages, and a removal. */
const MAX_CALLS_OF_REMOVAL = 1_000;

/** Found again by our key, which WorkOS keeps unique. */
export function createOrganizations(client: WorkOS, probe: Probe): Organizations {
  const calls = organizationCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendOrganization(calls, item, call)),
    find: async (externalId) => idOf(await calls.byExternalId(externalId)),
    findById: async (id) => idOf(await calls.byId(id)),
    removals: senderOf(probe, MAX_CALLS_OF_REMOVAL, (item, call) => remove(calls, item, call)),
    holdings: {
      list: listOf(client, ORGANIZATIONS, toFound),
      find: findIn(client, ORGANIZATIONS, toFound),
    },
  };
}

type OrganizationCalls = ReturnType<typeof organizationCalls>;

/** Looked at first: WorkOS documents no answer to the removal of one that is not there (OpenAPI 0.61). */
async function remove(calls: OrganizationCalls, item: Item<MadeOrganization>, call: Call): Promise<Settled> {
  const { destinationId, externalId, endsOtherwise } = item.record;
  await call.read();
  const found = await (destinationId === null ? calls.byExternalId(externalId) : calls.byId(destinationId));
  if (!found.ok) return outcomeOf(found.failure);
  if (found.value === null) return goneOrTooEarly(item, call);
  if (destinationId === null && ours(found.value, item).kind !== "created") return NOT_MADE_HERE;
  const { id } = found.value;
  const other = await endsOtherwise(id, call);
  if (other !== null) return other;
  await call.write([item]);
  return removal(await calls.remove(id), item);
}

function idOf(found: Called<Made | null>): Answer<string | null> {
  return answerOf(found.ok ? { ok: true, value: found.value?.id ?? null } : found);
}

/** One HTTP call each; never rejects. */
function organizationCalls({ organizations }: WorkOS) {
  return {
    create: (record: OrganizationRecord) =>
      called(async () => toMade(await organizations.createOrganization(toOptions(record)))),
    byExternalId: async (externalId: string) =>
      nullIfAbsent(
        await called(async () => toMade(await organizations.getOrganizationByExternalId(externalId))),
      ),
    byId: async (id: string) =>
      nullIfAbsent(await called(async () => toMade(await organizations.getOrganization(id)))),
    remove: (id: string) => removed(() => organizations.deleteOrganization(id)),
  };
}

/** Create; whatever leaves doubt is looked up. */
async function sendOrganization(
  calls: OrganizationCalls,
  item: Item<OrganizationRecord>,
  call: Call,
): Promise<Settled> {
  const { record } = item;
  const lookUp = async () => {
    await call.read();
    return calls.byExternalId(record.externalId);
  };
  if (item.inDoubt) {
    const earlier = await lookUp();
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return ours(earlier.value, item);
  }
  await call.write([item]);
  const created = await calls.create(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return settle(overDomain(created.failure, record), lookUp, item);
}

/**
 * A conflict may be over our key or over a domain that another organization has. OpenAPI 0.61 gives the conflict of a
 * create no code, so that its message tells them apart; `domain_already_exists` is that of `POST /organization_domains`.
 */
function overDomain(failure: Failure, { verifiedDomains }: OrganizationRecord): Failure {
  if (failure.kind !== "duplicate" || verifiedDomains.length === 0) return failure;
  const { code, message } = failure;
  const isOverDomain = code === "domain_already_exists" || /\bdomains?\b/i.test(message);
  if (!isOverDomain || code === "external_id_already_used") return failure;
  return { kind: "rejected", code: "organization_domain_taken", message };
}

type Options = Parameters<WorkOS["organizations"]["createOrganization"]>[0];

function toOptions({ externalId, name, verifiedDomains }: OrganizationRecord): Options {
  const domainData = verifiedDomains.map((domain) => ({ domain, state: DomainDataState.Verified }));
  return { name: name.trim(), externalId, ...(domainData.length === 0 ? {} : { domainData }) };
}

const answered = z.object({ id: z.string().min(1), createdAt: z.iso.datetime({ offset: true }) });

/** Throws when the answer lacks what an outcome rests on. */
function toMade(answer: unknown): Made {
  const { id, createdAt } = answered.parse(answer);
  return { id, createdAtMs: Date.parse(createdAt) };
}

/** OpenAPI 0.61, `Organization`. A domain whose state is not told is not verified. */
const held = z.object({
  id: z.string().min(1),
  // One that cannot be read is somebody's.
  external_id: z.string().nullable(),
  name: z.string(),
  domains: z.array(z.object({ domain: z.string(), state: z.string().catch("") })),
});

function toFound(row: unknown): FoundOrganization {
  const { id, external_id, name, domains } = held.parse(row);
  const verified = domains.filter(({ state }) => state === "verified" || state === "legacy_verified");
  return { id, externalId: external_id, name, verifiedDomains: verified.map(({ domain }) => domain) };
}
