import { setTimeout as sleep } from "node:timers/promises";
import { type Call, type Outcome, sendOne, writtenFingerprint } from "../destinations/sending.ts";
import type { CallKind } from "../domain/migration.ts";
import type { DestinationUser, UserRecord } from "../domain/records.ts";
import { ledgerClock } from "../engine/ledger-clock.ts";
import { begin, claimAccount, dropClaim, noteAccount } from "../ledger/bridge.ts";
import { keepBeforeImage } from "../ledger/placed.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NotSignedIn, outage } from "./outcomes.ts";
import { whyNotBegun } from "./served.ts";

/** An answer that leaves doubt is looked up this often; then the person is asked to try again. */
const MAX_TRIES = 3;
const MAX_WAIT_MS = 300;

/**
 * Imports one person at once, as an import would: the destination de-duplicates by our key, so that both of them end in
 * one account, whoever comes first. `madeAtMs` is null for one that was there before.
 */
export async function bringOver(
  deps: BridgeDeps,
  migration: MigrationRow,
  person: { record: UserRecord; fingerprint: string },
): Promise<
  { ok: true; destinationId: string; madeAtMs: number | null } | { ok: false; outcome: NotSignedIn }
> {
  const { ledger, destination, count, late } = deps;
  const { record } = person;
  const sub = record.externalId;
  const nowMs = await ledgerClock(ledger);
  const claim = { sub, email: record.email, firstClaimedAtMs: nowMs() };
  if (!(await begin(ledger, migration.id, (tx) => claimAccount(tx, migration.id, claim))))
    return { ok: false, outcome: await whyNotBegun(deps) };
  const item = {
    key: sub,
    record: {
      user: record,
      onExisting: migration.file.users.onExisting,
      beforeAdopt: (image: DestinationUser) =>
        ledger.write((tx) => keepBeforeImage(tx, migration.id, sub, image)),
    },
    firstClaimedAtMs: claim.firstClaimedAtMs,
  };
  const send = (inDoubt: boolean) =>
    sendOne(destination.users, { ...item, lastTriedAtMs: nowMs(), inDoubt }, call);
  const call = atOnce(destination, count, nowMs, late);
  let outcome: Outcome = await send(false);
  const mayStand = outcome.kind === "unknown";
  for (let tries = 1; outcome.kind === "unknown" && tries < MAX_TRIES; tries += 1) {
    await sleep(Math.min(outcome.retryAfterMs, MAX_WAIT_MS));
    outcome = await send(true);
  }
  if (!("destinationId" in outcome) || outcome.kind === "updated") {
    if (!mayStand) await ledger.write((tx) => dropClaim(tx, migration.id, claim));
    return { ok: false, outcome: refusalOf(outcome) };
  }
  const endedAtMs = performance.now();
  const { destinationId, kind: how, details = null } = outcome;
  const fingerprint = writtenFingerprint(outcome, person.fingerprint);
  await ledger.write((tx) =>
    noteAccount(tx, migration, {
      sub,
      email: record.email,
      destinationId,
      how,
      fingerprint,
      details,
      firstClaimedAtMs: item.firstClaimedAtMs,
    }),
  );
  // One that an earlier try made may have another address.
  const isNew = how === "created" && outcome.holds === undefined;
  return { ok: true, destinationId, madeAtMs: isNew ? endedAtMs : null };
}

/** Somebody waits for these: each goes out as soon as it is asked for, and is counted. */
function atOnce(
  { facts }: BridgeDeps["destination"],
  count: BridgeDeps["count"],
  nowMs: () => number,
  late: AbortSignal,
): Call {
  const counted = async (kinds: readonly CallKind[]) => {
    late.throwIfAborted();
    count(kinds);
  };
  return {
    write: () => counted(facts.slots.write),
    read: () => counted(facts.slots.read),
    signal: late,
    nowMs,
  };
}

function refusalOf(
  outcome: Exclude<Outcome, { kind: "created" | "already_there" | "adopted" }>,
): NotSignedIn {
  switch (outcome.kind) {
    case "skipped":
      return { kind: "not_for_import", reason: outcome.reason };
    case "rejected":
      return { kind: "not_for_import", reason: outcome.code };
    case "slow_down":
      return { kind: "throttled", retryAfterMs: outcome.retryAfterMs };
    case "unknown":
    case "access_lost":
      return outage(outcome.code);
    case "too_early":
    case "updated":
    case "removed":
    case "undone":
    case "not_sent":
    case "put_off":
    case "held":
    case "stopped":
      return outage(outcome.kind);
  }
}
