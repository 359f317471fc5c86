import { byIntent, type Intended, NOTHING } from "../../destinations/by-intent.ts";
import type { Destination, MadeAccount, UserItem } from "../../destinations/destination.ts";
import type { Migration } from "../../domain/migration.ts";
import type { UserDetails } from "../../domain/records.ts";
import type { FinalOutcome } from "../../engine/batch/settlement.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { keepBeforeImage, type Placed, placedAmong } from "../../ledger/placed.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { isSharedAddress } from "../../ledger/who-else.ts";
import { decidedOf } from "../../plan/decide.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { sendableRecord } from "../../plan/sendable-record.ts";
import { accountDifference, type UserChange } from "../../plan/user-change.ts";

type UserWork = Intended<{ create: UserItem; update: UserChange; remove: MadeAccount }>;

/** Null where Cognito bars this person still: disabled, or not there. Else why their account is not removed. */
export type WhyKept = (sub: string, signal: AbortSignal) => Promise<FinalOutcome | null>;

interface Scene {
  ledger: Ledger;
  destination: Destination;
  run: RunOfMigration;
  file: Migration;
  whyKept: WhyKept;
}

/** People: accounts that are made, changed or removed, one each. */
export function usersWork(scene: Scene): Work<UserWork> {
  const { ledger, destination, run } = scene;
  const { updates = NOTHING, removals = NOTHING } = destination.users;
  return {
    sender: byIntent({ create: destination.users, update: updates, remove: removals }),
    async prepare(items) {
      // Of what was never tried nothing stands.
      const known = items.filter(({ intent, inDoubt }) => intent !== "create" || inDoubt);
      const placed = await ledger.read((db) =>
        placedAmong(
          db,
          run.migrationId,
          "user",
          known.map(({ key }) => key),
        ),
      );
      return items.map((item) => preparedFor(scene, item, placed.get(item.key)));
    },
    stillWanted: async ({ intent, key }, signal) => (intent === "remove" ? scene.whyKept(key, signal) : null),
  };
}

function preparedFor(scene: Scene, item: ClaimedItem, placed: Placed | undefined): Prepared<UserWork> {
  switch (item.intent) {
    case "update":
      return toUpdate(scene, item, placed);
    case "remove":
      return toRemove(scene, item, placed);
    default:
      return toCreate(scene, item, placed);
  }
}

function toCreate(
  { ledger, run, file, ...scene }: Scene,
  item: ClaimedItem,
  placed: Placed | undefined,
): Prepared<UserWork> {
  const { key: sub } = item;
  const user = recordOf({ ...scene, file }, item);
  const record: UserItem = {
    user,
    onExisting: file.users.onExisting,
    ...(placed?.state === "in_doubt" && placed.fingerprint !== null
      ? { earlier: { ...writtenLast(placed), changedThere: file.users.changedThere } }
      : {}),
    beforeAdopt: (image) => ledger.write((tx) => keepBeforeImage(tx, run.migrationId, sub, image)),
  };
  return { record: { intent: "create", record }, fingerprint: recordFingerprint(user) };
}

function toUpdate(
  { destination, file }: Scene,
  item: ClaimedItem,
  placed: Placed | undefined,
): Prepared<UserWork> {
  if (placed?.state !== "standing" || placed.destinationId === null) return notThere();
  const user = recordOf({ destination, file }, item);
  const planned = recordFingerprint(user);
  const isReaddressed = decidedOf({ sub: item.key }, file) === "readdress";
  const { fields } = accountDifference(placed, planned, isReaddressed);
  const record: UserChange = {
    destinationId: placed.destinationId,
    user,
    fields,
    ...writtenLast(placed),
    changedThere: file.users.changedThere,
    isMadeHere: placed.how === "created",
  };
  return { record: { intent: "update", record }, fingerprint: planned };
}

function writtenLast({ fingerprint, details }: Placed): Pick<UserChange, "written" | "ourChangeMs"> {
  // Written by the senders of users only.
  const known = details === null ? null : (JSON.parse(details) as UserDetails);
  return { written: fingerprint, ourChangeMs: known?.changedAtMs ?? null };
}

/**
 * Whoever may sign in at Cognito again keeps the account: the plan may be hours old. So does an account whose address
 * somebody else of the pool has: only the account itself tells which that is.
 */
function toRemove(
  { ledger, run }: Scene,
  { key }: ClaimedItem,
  placed: Placed | undefined,
): Prepared<UserWork> {
  if (placed === undefined || placed.state === "removed") return notThere();
  const record: MadeAccount = {
    destinationId: placed.destinationId,
    whyKept: async ({ email }) =>
      (await ledger.read((db) => isSharedAddress(db, run, key, email))) ? "address_shared" : null,
  };
  return { record: { intent: "remove", record }, fingerprint: "", asksWhenDue: true };
}

function notThere(): Prepared<UserWork> {
  return { outcome: { kind: "skipped", reason: "removed_at_destination" } };
}

function recordOf({ destination, file }: Pick<Scene, "destination" | "file">, { key, data }: ClaimedItem) {
  if (data === null) throw new Error("A work item of users has no source user.");
  return sendableRecord(destination, file, key, data).record;
}
