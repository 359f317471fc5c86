import type { SentMailPage } from "../../destinations/resets.ts";
import { CLOCK_TOLERANCE_MS } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { type Asked, askDestination } from "../../engine/ask-destination.ts";
import { DestinationSlots } from "../../engine/destination-slots.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { step } from "../../engine/steps.ts";
import { copyMails, indexAccounts, mailRecordAtMs } from "../../ledger/mail-record.ts";
import type { Deps } from "../deps.ts";

const INDEX_TIMEOUT_MS = 10 * 60_000;

/**
 * Before mails go out: whoever was mailed according to the destination, and is unknown to the ledger, gets no other one.
 * A ledger that was restored from a back-up has forgotten such people. Null when the record is copied to its end.
 */
export async function copyRecord(
  deps: Pick<Deps, "ledger" | "pacer" | "destinationOf">,
  run: RunRef,
  file: Migration,
  pulse: Pulse,
): Promise<Blocked | null> {
  const { ledger } = deps;
  const destination = deps.destinationOf(file.destination);
  const { record } = destination.facts.resets;
  if (record === null) return null;
  await pulse.during(INDEX_TIMEOUT_MS, () => ledger.writeSoon(indexAccounts));
  const atMs = await ledger.read((db) => mailRecordAtMs(db, run));
  // What shows late may be older than what was copied.
  const overlapMs = record.lagMs + CLOCK_TOLERANCE_MS;
  const sinceMs = Math.max((atMs ?? 0) - overlapMs, Date.now() - record.keptMs);
  // Of a link of one's own nobody knows whether it was handed over.
  const state = file.passwordResets.delivery === "destination" ? "mailed" : "unsettled";
  const tools = { destination, slots: new DestinationSlots(deps.pacer, destination, pulse.signal), pulse };
  const readPage = (cursor: string | null): Promise<Asked<SentMailPage>> =>
    askDestination(tools, () => destination.resets.sentSince(sinceMs, cursor));
  let page = await readPage(null);
  while (page.status === "answered") {
    const { mails, nextCursor } = page.value;
    await step({ ledger, pulse }, (tx) => copyMails(tx, run, mails, state));
    if (nextCursor === null) return null;
    page = await readPage(nextCursor);
  }
  if (page.status === "blocked") return page;
  const code = page.status === "refused" ? page.code : page.status;
  return blocked("listing_refused", { detail: `the record of reset mails: ${code}` });
}
