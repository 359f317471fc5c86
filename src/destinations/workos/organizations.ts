import { DomainDataState, type WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { Answer } from "../destination.ts";
import type { Call, Item } from "../sending.ts";
import type { Organizations } from "../structure.ts";
import { answerOf, type Called, called, nullIfAbsent } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { type Made, ours, outcomeOf, type Probe, type Settled, senderOf, settle } from "./settle.ts";

/** A look-up, a create and a look-up. */
const MAX_CALLS = 3;

/** Found again by our key, which WorkOS keeps unique. */
export function createOrganizations(client: WorkOS, probe: Probe): Organizations {
  const calls = organizationCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendOrganization(calls, item, call)),
    find: async (externalId) => idOf(await calls.byExternalId(externalId)),
    findById: async (id) => idOf(await calls.byId(id)),
  };
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
  };
}

/** Create; whatever leaves doubt is looked up. */
async function sendOrganization(
  calls: ReturnType<typeof organizationCalls>,
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
