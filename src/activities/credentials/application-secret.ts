import type { CredentialsSender } from "../../destinations/credentials.ts";
import type { Answer, Destination } from "../../destinations/destination.ts";
import type { Attempt } from "../../destinations/sending.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import type { Outcome } from "../batch/work.ts";
import { blocked } from "../blocked.ts";
import { ParkedError } from "../parked.ts";

/** Clocks of the destination and the ledger may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const UNCLEAR_RETRY_MS = 1_000;

export interface ApplicationInHand {
  /** Where its secret is kept: `<pool id>/<Cognito client id>`. */
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
  { credentials, readKinds, writeKinds }: Destination,
  store: SecretStore,
  application: ApplicationInHand,
  { firstClaimedAtMs, waitForSlot }: Attempt,
): Promise<Secured> {
  const kept = await fromStore(store, application);
  await waitForSlot(readKinds);
  const listed = await credentials.listSecrets(application.applicationId);
  if (!listed.ok) return outcomeOf(listed);
  const isThere = kept !== null && listed.value.some(({ id }) => id === kept);
  let secretId = kept;
  if (secretId === null || !isThere) {
    await waitForSlot(writeKinds);
    const made = await keepNew(credentials, store, application);
    if (!made.ok) return outcomeOf(made);
    secretId = made.value;
  }
  for (const { id, createdAtMs } of listed.value) {
    // Older ones are somebody else's.
    if (id === secretId || createdAtMs < firstClaimedAtMs - CLOCK_TOLERANCE_MS) continue;
    await waitForSlot(writeKinds);
    const removed = await credentials.removeSecret(id);
    if (!removed.ok) return outcomeOf(removed);
  }
  return { kind: "secured", secretId };
}

/** The id of the secret in the store; null where there is none for this application. */
async function fromStore(
  store: SecretStore,
  { storeName, clientId }: ApplicationInHand,
): Promise<string | null> {
  const answer = await store.get(storeName);
  if (!answer.ok) throw new ParkedError(blocked("secret_store", { detail: answer.sentence }));
  return answer.value?.clientId === clientId ? answer.value.secretId : null;
}

async function keepNew(
  credentials: CredentialsSender,
  store: SecretStore,
  { storeName, applicationId, clientId }: ApplicationInHand,
): Promise<Answer<string>> {
  const made = await credentials.newSecret(applicationId);
  if (!made.ok) return made;
  const { id, secret } = made.value;
  const stored = await store.put(storeName, { clientId, clientSecret: secret, secretId: id });
  if (!stored.ok) throw new ParkedError(blocked("secret_store", { detail: stored.sentence }));
  return { ok: true, value: id };
}

/** Of a call that was not answered well: told as what the fan-out acts upon. */
export function outcomeOf(answer: Extract<Answer<unknown>, { ok: false }>): Outcome {
  switch (answer.problem) {
    case "slow_down":
      return { kind: "slow_down", retryAfterMs: answer.retryAfterMs };
    case "access_lost":
      return { kind: "access_lost", code: answer.code };
    case "unavailable":
      return { kind: "unknown", code: answer.code, message: "", retryAfterMs: UNCLEAR_RETRY_MS };
  }
}
