import type { ProviderTarget, ProviderVerdict } from "../../destinations/credentials.ts";
import type { Answer, Destination } from "../../destinations/destination.ts";
import { blocked } from "../../domain/blocked.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownProvider } from "../../domain/pool.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { countThrottled } from "../../engine/metrics.ts";
import { ParkedError } from "../../engine/parked.ts";
import type { GateAnswer } from "../../ledger/gate-answers.ts";
import { standingIds } from "../../ledger/placed.ts";
import type { ObjectState } from "../../ledger/planned-objects.ts";
import type { ProviderFate } from "../../plan/placement.ts";
import { spEntityId } from "../../plan/placement.ts";
import type { Deps } from "../deps.ts";
import { CALLS_PER_LOOK, lookAgain } from "../fan-out/look-again.ts";

/** A look at a provider may ask the destination for its redirect URIs and then for the sign-in, and visit the provider. */
const MAX_CALLS = 4;
const CALLS_PER_CHECK = 2;

/** What one look at the providers works with. */
export interface Checking {
  deps: Deps;
  destination: Destination;
  file: Migration;
  run: RunRef;
  pulse: Pulse;
  connections: readonly ObjectState[];
  /** What earlier runs were told at the gate. */
  kept: readonly GateAnswer[];
}

const MISSING: ProviderVerdict = { kind: "wrong", code: "connection_missing", found: null };

/** What people of this provider would meet at the destination now; null without an answer. */
export async function checkProvider(
  checking: Checking,
  provider: KnownProvider,
  fate: ProviderFate,
): Promise<ProviderVerdict | null> {
  if (fate.kind === "dashboard") {
    const clientId = provider.clientId ?? "";
    return look(checking, { kind: "dashboard", provider: fate.provider, clientId });
  }
  if (fate.kind !== "connection") return null;
  return checkConnections(checking, provider, fate.organization);
}

/** The connection that Spillway made; where that does not lead to the provider, those that a person may have made. */
async function checkConnections(
  checking: Checking,
  provider: KnownProvider,
  organization: string,
): Promise<ProviderVerdict | null> {
  const { connections, file } = checking;
  const lookAt = (id: string) => look(checking, targetOf(file, provider, id));
  const own = connections.find(({ key, placed }) => key === provider.name && placed === "standing");
  const ownId = own?.destinationId ?? null;
  const ownVerdict = ownId === null ? MISSING : await lookAt(ownId);
  if (ownVerdict?.kind !== "wrong") return ownVerdict;
  const listed = await listConnections(checking, organization);
  if (listed === null) return ownId === null ? null : ownVerdict;
  // One of this very run may not be listed yet; an older one that is not was deleted.
  const isThere = ownId !== null && (listed.includes(ownId) || own?.state !== null);
  let last: ProviderVerdict | null = isThere ? ownVerdict : MISSING;
  // Those of other providers lead elsewhere, as they should.
  const known = new Set(connections.map(({ destinationId }) => destinationId));
  for (const id of listed.filter((one) => !known.has(one))) {
    const verdict = await lookAt(id);
    if (verdict?.kind === "verified") return verdict;
    if (!isThere) last = verdict;
  }
  return last;
}

function targetOf(file: Migration, provider: KnownProvider, connectionId: string): ProviderTarget {
  const { saml, clientId, issuer } = provider;
  if (saml === null) return { kind: "oidc", connectionId, clientId: clientId ?? "", issuer: issuer ?? "" };
  const { ssoUrl, metadataUrl } = saml;
  return { kind: "saml", connectionId, ssoUrl, metadataUrl, spEntityId: spEntityId(file) };
}

/** Those of an organization, by id; null without an answer. */
async function listConnections(checking: Checking, organization: string): Promise<string[] | null> {
  const { deps, run, destination } = checking;
  const made = await deps.ledger.read((db) =>
    standingIds(db, run.migrationId, "organization", [organization]),
  );
  const organizationId = made.get(organization);
  if (organizationId === undefined) return [];
  const list = (id: string) => ask(checking, 1, () => destination.connections.list(id));
  const listed = await list(organizationId);
  if (listed === null || listed.length > 0) return listed;
  // One that was deleted has none: somebody may have made it anew.
  const tools = { ledger: deps.ledger, destination, migrationId: run.migrationId };
  const standing = { key: organization, id: organizationId };
  // The slots of both calls are taken before the first.
  const found = await ask(checking, CALLS_PER_LOOK, () => lookAgain(tools, standing, async () => {}));
  return found === null || found === organizationId ? listed : list(found);
}

function look(checking: Checking, target: ProviderTarget): Promise<ProviderVerdict | null> {
  return ask(checking, CALLS_PER_CHECK, () => checking.destination.connections.check(target));
}

/** A question of so many calls at the pace; null where it says nothing now. Throws ParkedError when access is lost. */
async function ask<T>(
  { deps, destination, pulse }: Checking,
  calls: number,
  call: () => Promise<Answer<T>>,
): Promise<T | null> {
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  for (let slot = 0; slot < calls; slot += 1) await slots.next(destination.facts.slots.read);
  const answer = await pulse.during(destination.callTimeoutMs * MAX_CALLS, call);
  if (answer.ok) return answer.value;
  if (answer.problem === "access_lost")
    throw new ParkedError(blocked("access_lost_destination", { detail: answer.code }));
  if (answer.problem === "slow_down") {
    countThrottled("destination");
    await slots.block(destination.facts.slots.read, answer.retryAfterMs);
  }
  return null;
}
