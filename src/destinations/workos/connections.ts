import type { ConnectionRecord } from "../credentials.ts";
import type { Attempt, SendOutcome } from "../sending.ts";
import type { CredentialsCalls } from "./credentials-calls.ts";
import { ours, outcomeOf, slotsOf, WRITE_KINDS } from "./settle.ts";

/**
 * A repeat of the same external id in an organization answers the connection that is there, so that an unclear create
 * is simply sent again. Any 404 means that the environment does not offer the API.
 */
export async function sendConnection(
  calls: CredentialsCalls,
  record: ConnectionRecord,
  attempt: Attempt,
): Promise<SendOutcome | { kind: "no_api" }> {
  const { protocol } = record;
  if (protocol.kind === "saml" && protocol.metadataUrl === null && protocol.manual === null)
    return {
      kind: "rejected",
      code: "saml_settings_missing",
      message: "It has no metadata to be set up with.",
    };
  await slotsOf(attempt.waitForSlot, attempt.signal)(WRITE_KINDS);
  const created = await calls.createConnection(record);
  if (created.ok) return ours(created.value, attempt);
  if (created.failure.kind === "absent") return { kind: "no_api" };
  return withoutSecret(outcomeOf(created.failure), record);
}

/** A vendor's message may quote what it was sent: one that does is not kept. */
function withoutSecret(outcome: SendOutcome, { protocol }: ConnectionRecord): SendOutcome {
  if (protocol.kind === "saml" || !("message" in outcome)) return outcome;
  if (!protocol.clientSecret.showsIn(outcome.message)) return outcome;
  return { ...outcome, message: "WorkOS's own words quote the client secret, so they are not kept." };
}
