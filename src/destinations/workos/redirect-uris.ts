import type { Attempt, SendOutcome } from "../sending.ts";
import type { Called } from "./called.ts";
import type { CredentialsCalls } from "./credentials-calls.ts";
import { everyPage } from "./pages.ts";
import { type Made, ours, outcomeOf, READ_KINDS, settle, slotsOf, WRITE_KINDS } from "./settle.ts";

/** Looked up before and after: WorkOS documents no code for one that is there. */
export async function sendRedirectUri(
  calls: CredentialsCalls,
  uri: string,
  attempt: Attempt,
): Promise<SendOutcome> {
  const slot = slotsOf(attempt.waitForSlot, attempt.signal);
  const lookUp = () => find(calls, uri, () => slot(READ_KINDS));
  const found = await lookUp();
  if (!found.ok) return outcomeOf(found.failure);
  if (found.value !== null) return there(found.value, attempt);
  await slot(WRITE_KINDS);
  const created = await calls.createRedirectUri(uri);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return settle(created.failure, lookUp, attempt);
}

async function find(
  calls: CredentialsCalls,
  uri: string,
  beforeEach: () => Promise<void>,
): Promise<Called<Made | null>> {
  const all = await everyPage(calls.redirectUris, beforeEach);
  return all.ok ? { ok: true, value: all.value.find((one) => one.uri === uri) ?? null } : all;
}

/** Before anything was sent, what is there cannot be ours. */
function there(made: Made, attempt: Attempt): SendOutcome {
  return attempt.inDoubt ? ours(made, attempt) : { kind: "already_there", destinationId: made.id };
}
