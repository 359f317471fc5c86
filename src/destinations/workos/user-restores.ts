import { changedFields } from "../../plan/fingerprint.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { toWrite } from "../../plan/user-change.ts";
import type { AdoptedAccount } from "../destination.ts";
import type { Call, Item, Outcome, Sender } from "../sending.ts";
import { outcomeOf, type Probe, type Settled, senderOf } from "./settle.ts";
import type { UserCalls } from "./user-calls.ts";
import { KEY_GIVEN_AWAY } from "./user-changes.ts";

/** Adopted accounts, as they were before. */

/** A look-up and a change. */
const MAX_CALLS = 2;
/** An adoption writes neither. */
const NEVER_WRITTEN = ["email", "emailVerified"];

export function restores(calls: UserCalls, probe: Probe): Sender<AdoptedAccount> {
  return senderOf(probe, MAX_CALLS, (item, call) => restore(calls, item, call));
}

/**
 * What somebody wrote there since stays. One that may have taken effect shows at the next look: it has no key any more,
 * and nothing is left to write.
 */
async function restore(calls: UserCalls, item: Item<AdoptedAccount>, call: Call): Promise<Settled> {
  const { key, record } = item;
  const { destinationId, before, written } = record;
  await call.read();
  const found = await calls.byId(destinationId);
  if (!found.ok) return outcomeOf(found.failure);
  const account = found.value;
  if (account === null) return { kind: "skipped", reason: "removed_at_destination" };
  const { externalId } = account;
  if (externalId !== null && externalId !== key) return KEY_GIVEN_AWAY;
  const user = { ...before, externalId: key };
  const changed = written === null ? [] : changedFields(written, recordFingerprint(user));
  const { fields, kept } = toWrite(account, {
    destinationId,
    user,
    written,
    fields: changed.filter((name) => !NEVER_WRITTEN.includes(name)),
    changedThere: "keep",
    ourChangeMs: null,
  });
  const restored: Outcome = { kind: "undone", kept };
  if (externalId === null && fields.length === 0) return restored;
  await call.write([item]);
  const released = await calls.release(destinationId, user, fields);
  return released.ok ? restored : outcomeOf(released.failure);
}
