import type { DestinationUser } from "../../domain/records.ts";
import { toWrite, type UserChange } from "../../plan/user-change.ts";
import type { MadeAccount } from "../destination.ts";
import type { Call, Item, Outcome, Sender } from "../sending.ts";
import type { Failure } from "./errors.ts";
import {
  GONE,
  goneOrTooEarly,
  NOT_MADE_HERE,
  ours,
  outcomeOf,
  type Probe,
  removal,
  type Settled,
  senderOf,
  unclear,
} from "./settle.ts";
import type { UserCalls } from "./user-calls.ts";

/** What a later run does with accounts that stand: each is looked at first. */

/** A look-up and a call that changes something. */
const MAX_CALLS = 2;
/** Somebody gave it another key: it is nobody's here. */
export const KEY_GIVEN_AWAY: Outcome = { kind: "skipped", reason: "external_id_changed" };

export function updates(calls: UserCalls, probe: Probe): Sender<UserChange> {
  return senderOf(probe, MAX_CALLS, (item, call) => update(calls, item, call));
}

export function removals(calls: UserCalls, probe: Probe): Sender<MadeAccount> {
  return senderOf(probe, MAX_CALLS, (item, call) => remove(calls, item, call));
}

/** An update that may have taken effect shows at the next look, and is not made again. */
async function update(calls: UserCalls, item: Item<UserChange>, call: Call): Promise<Settled> {
  const { destinationId, user } = item.record;
  await call.read();
  const found = await calls.byId(destinationId);
  if (!found.ok) return outcomeOf(found.failure);
  const account = found.value;
  if (account === null) return GONE;
  if (account.externalId !== user.externalId) return KEY_GIVEN_AWAY;
  return updateFound(calls, item, account, () => call.write([item]));
}

/** `write` lets the call go. */
export async function updateFound(
  calls: UserCalls,
  { record: change }: Pick<Item<UserChange>, "record">,
  account: DestinationUser,
  write: () => Promise<void>,
): Promise<Settled> {
  const { destinationId, user, ourChangeMs } = change;
  const { fields, kept, fingerprint } = toWrite(account, change);
  const outcome: Outcome = { kind: "updated", destinationId, fingerprint, kept };
  if (fields.length === 0) return outcome;
  await write();
  const written = await calls.change(destinationId, user, fields);
  if (!written.ok) return notWritten(written.failure);
  const { details } = written.value;
  // Whoever set a password there meanwhile is not forgotten by a change of ours.
  const isAsWeLeftIt = account.changedAtMs <= (ourChangeMs ?? account.createdAtMs);
  return isAsWeLeftIt && details !== undefined ? { ...outcome, details } : outcome;
}

function notWritten(failure: Failure): Settled {
  if (failure.kind === "absent")
    return unclear("gone_meanwhile", "The account was removed during its change.");
  // Somebody else has the address.
  if (failure.kind === "duplicate") return { kind: "rejected", code: failure.code, message: failure.message };
  return outcomeOf(failure);
}

/** Only what has our key. */
async function remove(calls: UserCalls, item: Item<MadeAccount>, call: Call): Promise<Settled> {
  const { key, record } = item;
  const { destinationId } = record;
  await call.read();
  const found = await (destinationId === null ? calls.byExternalId(key) : calls.byId(destinationId));
  if (!found.ok) return outcomeOf(found.failure);
  const account = found.value;
  if (account === null) return goneOrTooEarly(item, call);
  if (account.externalId !== key) return KEY_GIVEN_AWAY;
  if (destinationId === null && ours(account, item).kind !== "created") return NOT_MADE_HERE;
  const reason = await record.whyKept(account);
  if (reason !== null) return { kind: "skipped", reason };
  await call.write([item]);
  return removal(await calls.remove(account.id), item);
}
