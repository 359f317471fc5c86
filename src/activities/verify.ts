import type {
  Answer,
  Destination,
  DestinationUser,
  UserPage,
  UserRecord,
} from "../destinations/destination.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../ledger/cursors.ts";
import { ledgerNowMs } from "../ledger/dialect.ts";
import { type Finding, replaceFindings } from "../ledger/findings.ts";
import type { Ledger, Tx } from "../ledger/ledger.ts";
import { phaseCounts } from "../ledger/phase-counts.ts";
import { readMigration } from "../ledger/runs.ts";
import {
  markRemoved,
  markSeen,
  unseenAfter,
  type WrittenUser,
  writtenAmong,
} from "../ledger/verification.ts";
import type { CallKind, Migration } from "../migration.ts";
import { recordHash } from "../plan/record.ts";
import type { Blocked, PhaseInput, PhaseTotals, Progress, RunRef } from "../workflows/contract.ts";
import { blocked } from "./blocked.ts";
import type { Deps } from "./deps.ts";
import { DestinationSlots } from "./destination-slots.ts";
import { countThrottled } from "./metrics.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "./pulse.ts";
import { sendableRecord } from "./record.ts";
import { Tally } from "./tally.ts";

const SHARE_MS = 60_000;
const UNSEEN_SLICE = 200;
/** A look-up may lag behind a write: only after this long is a miss believed. */
const ABSENT_AFTER_MS = 60_000;
const MISS_RETRY_MS = 2_000;
const OUTAGE_RETRY_MS = 2_000;
/** Outages in a row after which the listing starts again, in case it is the cursor that is refused. */
const MAX_OUTAGES_PER_CURSOR = 5;
const MAX_EXAMPLES = 2;

/**
 * Finds every imported user at the destination by listing it, compares each in full with what was written, and
 * asks for those that the listing did not show one by one.
 */
export async function verify(deps: Deps, { run }: PhaseInput, pulse: Pulse): Promise<Progress | Blocked> {
  const { file } = await deps.ledger.read((db) => readMigration(db, run.migrationId));
  const destination = deps.destinationOf(file.destination);
  const slots = new DestinationSlots(deps.pacer, destination, pulse.signal);
  const verifier = new Verifier(deps.ledger, destination, slots, pulse, run, file);
  const until = Date.now() + SHARE_MS;
  return (await verifier.list(until)) ?? (await verifier.confirmMisses(until)) ?? (await verifier.conclude());
}

class Verifier {
  readonly #ledger: Ledger;
  readonly #destination: Destination;
  readonly #slots: DestinationSlots;
  readonly #pulse: Pulse;
  readonly #run: RunRef;
  readonly #file: Migration;

  constructor(
    ledger: Ledger,
    destination: Destination,
    slots: DestinationSlots,
    pulse: Pulse,
    run: RunRef,
    file: Migration,
  ) {
    this.#ledger = ledger;
    this.#destination = destination;
    this.#slots = slots;
    this.#pulse = pulse;
    this.#run = run;
    this.#file = file;
  }

  /** Null when the whole destination was listed. */
  async list(until: number): Promise<Progress | Blocked | null> {
    const id = this.#cursorId("verify");
    let cursor = await takeCursor(this.#ledger, id, this.#pulse.fence);
    while (!cursor.done) {
      if (Date.now() > until) return { status: "more", totals: await this.#totals(cursor) };
      const { position } = cursor;
      const page = await this.#ask(() => this.#destination.listUsers(position), MAX_OUTAGES_PER_CURSOR);
      if (page.status === "blocked") return page;
      cursor = await this.#store(id, cursor, page.status === "outage" ? null : page.value);
    }
    return null;
  }

  /** Moves on by a page; without one the listing starts again. */
  #store(id: CursorId, cursor: Cursor, page: UserPage | null): Promise<Cursor> {
    return this.#write(async (tx) => {
      const tally = new Tally(cursor.counters);
      if (page !== null) {
        const users = new Map(page.users.map((user) => [user.externalId ?? "", user]));
        const written = await writtenAmong(tx, this.#run.migrationId, [...users.keys()]);
        const seen = written.filter((item) => this.#compare(item, users.get(item.sub), tally));
        const { migrationId, generation } = this.#run;
        await markSeen(
          tx,
          migrationId,
          generation,
          seen.map((item) => item.ordinal),
        );
        tally.add("seen", seen.length);
        this.#pulse.show({ seen: tally.get("seen") });
      }
      const position = page?.nextCursor ?? null;
      const next = { position, done: page !== null && position === null, counters: tally.all() };
      await moveCursor(tx, id, this.#pulse.fence, next);
      return next;
    });
  }

  /** Notes how the account differs from what was written. False for someone who is not done here. */
  #compare(item: WrittenUser, found: DestinationUser | undefined, tally: Tally): boolean {
    if (found === undefined) return false;
    if (item.state !== "done") {
      tally.addWithExample("unexpected", item.sub, MAX_EXAMPLES);
      return false;
    }
    const { record } = sendableRecord(this.#destination, this.#file, item.sub, item.attributes);
    // A source user who changed since says nothing about what was written.
    if (recordHash(record) !== item.recordHash) tally.add("not_comparable", 1);
    else
      for (const field of differences(record, found))
        tally.addWithExample(`differs:${field}`, item.sub, MAX_EXAMPLES);
    return true;
  }

  async confirmMisses(until: number): Promise<Progress | Blocked | null> {
    const id = this.#cursorId("verify:misses");
    let cursor = await takeCursor(this.#ledger, id, this.#pulse.fence);
    while (!cursor.done) {
      const after = Number(cursor.position ?? 0);
      const { migrationId, generation } = this.#run;
      const misses = await this.#ledger.read((db) =>
        unseenAfter(db, migrationId, generation, after, UNSEEN_SLICE),
      );
      for (const item of misses) {
        if (Date.now() > until) return { status: "more", totals: await this.#totals(cursor) };
        const stopped = await this.#confirm(item);
        if (stopped !== null) return stopped;
      }
      const next = {
        ...cursor,
        position: String(misses.at(-1)?.ordinal ?? after),
        done: misses.length === 0,
      };
      await this.#write((tx) => moveCursor(tx, id, this.#pulse.fence, next));
      cursor = next;
    }
    return null;
  }

  /** A listing may miss someone who came while it ran, and a look-up may lag: only time makes absence certain. */
  async #confirm(item: WrittenUser): Promise<Blocked | null> {
    const { migrationId, generation } = this.#run;
    for (;;) {
      const nowMs = await this.#ledger.read((db) => ledgerNowMs(db));
      const answer = await this.#ask(() => this.#destination.findUser(item.sub));
      if (answer.status === "blocked") return answer;
      if (answer.status === "outage") continue;
      if (answer.value !== null) {
        await this.#write((tx) => markSeen(tx, migrationId, generation, [item.ordinal]));
        return null;
      }
      if (nowMs - (item.settledAtMs ?? 0) > ABSENT_AFTER_MS) {
        await this.#write((tx) => markRemoved(tx, migrationId, item.ordinal));
        return null;
      }
      await this.#pulse.wait(MISS_RETRY_MS);
    }
  }

  async conclude(): Promise<Progress> {
    const { migrationId, generation } = this.#run;
    const cursor = await takeCursor(this.#ledger, this.#cursorId("verify"), this.#pulse.fence);
    const findings = findingsOf(new Tally(cursor.counters));
    await this.#write((tx) => replaceFindings(tx, migrationId, generation, "verify", findings));
    const totals = await this.#totals(cursor);
    return { status: "complete", totals: { ...totals, done: totals.of ?? totals.done } };
  }

  /** Asks at the pace, for as long as throttling takes; outages are waited for, at most `maxOutages` in a row. */
  async #ask<T>(
    ask: () => Promise<Answer<T>>,
    maxOutages = Number.POSITIVE_INFINITY,
  ): Promise<{ status: "answered"; value: T } | { status: "outage" } | Blocked> {
    const kinds: readonly CallKind[] = this.#destination.listKinds;
    for (let outages = 0; outages < maxOutages; ) {
      this.#pulse.throwIfCancelled();
      await this.#slots.next(kinds);
      const answer = await this.#pulse.during(this.#destination.callTimeoutMs, ask);
      if (answer.ok) return { status: "answered", value: answer.value };
      if (answer.problem === "access_lost")
        return blocked("access_lost_destination", { detail: answer.code });
      if (answer.problem === "slow_down") {
        countThrottled("destination");
        await this.#slots.block(kinds, answer.retryAfterMs);
      } else {
        outages += 1;
        await this.#pulse.wait(OUTAGE_RETRY_MS);
      }
    }
    return { status: "outage" };
  }

  async #totals(cursor: Cursor): Promise<PhaseTotals> {
    const counts = await this.#ledger.read((db) => phaseCounts(db, this.#run.migrationId, "users"));
    return { done: cursor.counters.seen ?? 0, failed: 0, skipped: 0, of: counts.done };
  }

  #write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#pulse.during(LEDGER_TIMEOUT_MS, () => this.#ledger.write(work));
  }

  #cursorId(name: string): CursorId {
    return { migrationId: this.#run.migrationId, generation: this.#run.generation, name };
  }
}

/** The fields in which the destination does not hold what was written. */
function differences(record: UserRecord, found: DestinationUser): string[] {
  const fields: string[] = [];
  if (found.email.toLowerCase() !== record.email) fields.push("email");
  if (found.emailVerified !== record.emailVerified) fields.push("email_verified");
  if (found.firstName !== record.firstName) fields.push("first_name");
  if (found.lastName !== record.lastName) fields.push("last_name");
  for (const [key, value] of Object.entries(record.metadata))
    if (found.metadata[key] !== value) fields.push(`metadata.${key}`);
  return fields;
}

function findingsOf(tally: Tally): Omit<Finding, "phase">[] {
  const findings: Omit<Finding, "phase">[] = [];
  const unexpected = tally.get("unexpected");
  if (unexpected > 0)
    findings.push({
      severity: "warning",
      code: "unexpected_at_destination",
      subject: "users",
      sentence: `${unexpected} users who were not imported have an account with their key at the destination (for example ${tally.examples("unexpected").join(", ")}); look at them before people sign in.`,
    });
  for (const [field, count] of tally.withPrefix("differs:"))
    findings.push({
      severity: "warning",
      code: "differs_at_destination",
      subject: field,
      sentence: `${count} accounts hold another ${field} than was written (for example ${tally.examples(`differs:${field}`).join(", ")}); somebody changed them since, or they were there before.`,
    });
  return findings;
}
