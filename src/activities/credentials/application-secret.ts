import type { Applications } from "../../destinations/credentials.ts";
import type { Answer } from "../../destinations/destination.ts";
import { type Call, CLOCK_TOLERANCE_MS, type Item, type Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import { ParkedError } from "../../engine/parked.ts";
import type { KeptSecret, SecretStore } from "../../secrets/secret-store.ts";
import { outcomeOf } from "../fan-out/outcome-of.ts";

export interface ApplicationInHand {
  /** Where its secret is kept, as `secretName` says. */
  storeName: string;
  applicationId: string;
  /** At the destination. */
  clientId: string;
}

export type Secured = { kind: "secured"; secretId: string } | Outcome;

/**
 * Sees to it that the application has a secret, and that it is in the store. A secret is shown once: one that was made
 * and not kept, because its answer was lost or a worker died, is replaced, and then removed. Throws ParkedError where
 * the store does not take it.
 */
export async function secureSecret(
  applications: Applications,
  store: SecretStore,
  application: ApplicationInHand,
  { firstClaimedAtMs }: Pick<Item<unknown>, "firstClaimedAtMs">,
  call: Call,
): Promise<Secured> {
  const standing = await fromStore(store, application);
  const kept = standing?.clientId === application.clientId ? standing.secretId : null;
  await call.read();
  const listed = await applications.listSecrets(application.applicationId);
  if (!listed.ok) return outcomeOf(listed);
  const isThere = kept !== null && listed.value.some(({ id }) => id === kept);
  let secretId = kept;
  if (secretId === null || !isThere) {
    await call.write();
    const made = await keepNew(applications, store, application, standing?.secretId ?? null, call);
    if (!made.ok) return outcomeOf(made);
    secretId = made.value;
  }
  for (const { id, createdAtMs, wasUsed } of listed.value) {
    // One that was lost is no older, and nobody ever used it: all others are somebody else's.
    const isLost = createdAtMs >= firstClaimedAtMs - CLOCK_TOLERANCE_MS && !wasUsed;
    if (id === secretId || !isLost) continue;
    await call.write();
    const removed = await applications.removeSecret(id);
    if (!removed.ok) return outcomeOf(removed);
  }
  return { kind: "secured", secretId };
}

/** What is in the store, whichever application it is for. */
async function fromStore(store: SecretStore, { storeName }: ApplicationInHand): Promise<KeptSecret | null> {
  const answer = await store.get(storeName);
  if (!answer.ok) throw new ParkedError(blocked("secret_store", { detail: answer.sentence }));
  return answer.value;
}

async function keepNew(
  applications: Applications,
  store: SecretStore,
  { storeName, applicationId, clientId }: ApplicationInHand,
  over: string | null,
  call: Call,
): Promise<Answer<string>> {
  const made = await applications.newSecret(applicationId);
  if (!made.ok) return made;
  const { id, secret } = made.value;
  // An attempt that slept since may have been followed by another one, whose secret is the living one by now.
  await call.read();
  const stored = await store.put(storeName, { clientId, clientSecret: secret, secretId: id }, over);
  if (stored.ok && stored.value === "overtaken")
    return { ok: false, problem: "unavailable", code: "secret_overtaken" };
  if (!stored.ok) throw new ParkedError(blocked("secret_store", { detail: stored.sentence }));
  return { ok: true, value: id };
}
