import { setTimeout as sleep } from "node:timers/promises";
import type { DestinationUser, ImportOutcome, UserRecord } from "../destinations/destination.ts";
import { keepBeforeImage } from "../ledger/before-images.ts";
import { noteAccount } from "../ledger/bridge.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { CallKind } from "../migration.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NotSignedIn, outage } from "./outcomes.ts";

/** An answer that leaves doubt is looked up this often; then the person is asked to try again. */
const MAX_TRIES = 3;
const MAX_WAIT_MS = 300;

/**
 * Imports one person at once, as an import would: the destination de-duplicates by our key, so that both of them end in
 * one account, whoever comes first.
 */
export async function bringOver(
  { ledger, destination, count }: BridgeDeps,
  migration: MigrationRow,
  person: { record: UserRecord; recordHash: string },
): Promise<{ ok: true; destinationId: string; isNew: boolean } | { ok: false; outcome: NotSignedIn }> {
  const { record } = person;
  const sub = record.externalId;
  const request = {
    record,
    firstClaimedAtMs: Date.now(),
    onExisting: migration.file.users.onExisting,
    beforeAdopt: (image: DestinationUser) =>
      ledger.write((tx) => keepBeforeImage(tx, migration.id, sub, image)),
  };
  const atOnce = async (kinds: readonly CallKind[]) => count(kinds);
  const signal = new AbortController().signal;
  let outcome: ImportOutcome = await destination.importUser({ ...request, inDoubt: false }, atOnce, signal);
  for (let tries = 1; outcome.kind === "unknown" && tries < MAX_TRIES; tries += 1) {
    await sleep(Math.min(outcome.retryAfterMs, MAX_WAIT_MS));
    outcome = await destination.importUser({ ...request, inDoubt: true }, atOnce, signal);
  }
  if (!("destinationId" in outcome)) return { ok: false, outcome: refusalOf(outcome) };
  const { destinationId, kind: how } = outcome;
  await ledger.write((tx) =>
    noteAccount(tx, migration.id, { sub, destinationId, how, recordHash: person.recordHash }),
  );
  return { ok: true, destinationId, isNew: how === "created" };
}

function refusalOf(outcome: Exclude<ImportOutcome, { destinationId: string }>): NotSignedIn {
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
  }
}
