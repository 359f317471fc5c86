import { setTimeout as sleep } from "node:timers/promises";
import type { SentMailPage } from "../../destinations/resets.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { type Asked, askDestination } from "../../engine/ask-destination.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { step } from "../../engine/steps.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { beginOwnMails, copyMails, mailRecordPosition } from "../../ledger/mail-record.ts";
import type { Deps } from "../deps.ts";
import { recordSinceMs } from "./record-reach.ts";
import { completeUntilMs, shownBefore } from "./shown.ts";

/** While mails go out, so that little is left to copy before those of the next batch. */
const COPY_AGAIN_MS = 20_000;

/**
 * Before mails go out: whoever was mailed according to the destination, and is unknown to the ledger, gets no other one.
 * A ledger that was restored from a back-up has forgotten such people. Null when the record is copied to its end.
 */
export async function copyRecord(
  deps: Pick<Deps, "ledger" | "pacer" | "destinationOf">,
  run: RunRef,
  file: Migration,
  pulse: Pulse,
  signal = pulse.signal,
): Promise<Blocked | null> {
  const { ledger } = deps;
  const destination = deps.destinationOf(file.destination);
  const { record } = destination.facts.resets;
  if (record === null) return null;
  const position = await ledger.read((db) => mailRecordPosition(db, run));
  const beganAtMs = await ledger.read(ledgerNowMs);
  const firstMs = recordSinceMs(record, file.passwordResets, position, beganAtMs);
  const sinceMs = Math.max(firstMs, completeUntilMs(position.copiedAtMs ?? 0, record.lagMs));
  const shownToMs = shownBefore(position.newestAtMs, beganAtMs);
  const isOwn = file.passwordResets.delivery === "own";
  if (isOwn && !position.hasOwnMails)
    await step({ ledger, pulse }, (tx) => beginOwnMails(tx, run.migrationId));
  // Of a link of one's own nobody knows whether it was handed over.
  const state = isOwn || position.hasOwnMails ? "unsettled" : "mailed";
  const tools = { destination, slots: new DestinationSlots(deps.pacer, destination, signal), pulse };
  const readPage = (cursor: string | null): Promise<Asked<SentMailPage>> =>
    askDestination(tools, () => destination.resets.sentSince(sinceMs, cursor));
  const seen = new Set<string>();
  let page = await readPage(null);
  while (page.status === "answered") {
    const { mails, nextCursor } = page.value;
    await step({ ledger, pulse }, (tx) => copyMails(tx, run, mails, state, shownToMs));
    if (nextCursor === null) return null;
    if (seen.has(nextCursor)) return unreadable("its pages lead back to one that was read");
    seen.add(nextCursor);
    page = await readPage(nextCursor);
  }
  if (page.status === "blocked") return page;
  return unreadable(page.status === "refused" ? page.code : page.status);
}

function unreadable(why: string): Blocked {
  return blocked("listing_refused", { detail: `the record of reset mails: ${why}` });
}

/** Copies on beside the work, and stops with it. What goes wrong is met again before the next mails. */
export async function whileCopying<T>(
  deps: Parameters<typeof copyRecord>[0],
  run: RunRef,
  file: Migration,
  pulse: Pulse,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const signal = AbortSignal.any([pulse.signal, over.signal]);
  const copyOn = async () => {
    while (!signal.aborted) {
      await sleep(COPY_AGAIN_MS, undefined, { signal });
      await copyRecord(deps, run, file, pulse, signal);
    }
  };
  const copying = copyOn().catch(() => undefined);
  try {
    return await work();
  } finally {
    over.abort();
    await copying;
  }
}
