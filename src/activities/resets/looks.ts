import type { Outcome } from "../../destinations/sending.ts";
import type { Blocked, ResetBatchInput } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { MONOTONIC } from "../../engine/clock.ts";
import type { WorkPulse } from "../../engine/heartbeat.ts";
import { destinationPaceKey, pagesPaceKey } from "../../engine/pace-keys.ts";
import { ParkedError } from "../../engine/parked.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { cursorId } from "../../engine/steps.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { lookAt, notLookedAt } from "../../ledger/looks.ts";
import { readPace } from "../../ledger/pace.ts";
import { readMigration } from "../../ledger/runs.ts";
import {
  BATCH_LOOK_AGE_MS,
  type Campaign,
  lookWay,
  MAX_LOOK_AGE_MS,
  nextWalkAfterMs,
} from "../../plan/look-way.ts";
import type { NoResetReason } from "../../plan/reset-policy.ts";
import { changedSince, type Standing } from "../../plan/still-as-planned.ts";
import type { Deps } from "../deps.ts";
import { type LookTools, lookTimeMs, lookUpAll, lookUpOnce } from "./look-up.ts";
import { LookWalk } from "./look-walk.ts";
import { stopped } from "./mailing.ts";

type LookDeps = Pick<Deps, "ledger" | "pacer" | "sourceOf" | "destinationOf">;
export type LookRange = Pick<ResetBatchInput, "run" | "from" | "to" | "ahead" | "isCanary">;

const MOST_AT_ONCE = 500;
/** Where people are looked up one by one, the mails begin once so many are, and the others stay ahead of them. */
const LEAD = 50;
/** They are looked up in a few seconds. */
const FEW = 50;

/** Of one person alone Cognito gives no answer: nobody waits for that. */
const NOBODY_SAYS = { kind: "put_off", retryAfterMs: 30_000, code: "source_no_answer" } as const;

/** Somebody is due of whom Cognito said nothing for too long, and it cannot be asked now: the mails wait. */
class NoLookError extends Error {
  override readonly name = "NoLookError";
}

/**
 * Sends a range of whose people Cognito has been asked just before. While it is sent, those who come next are looked at.
 * An outage of Cognito is waited for with nobody claimed.
 */
export async function sendWithLooks(
  deps: LookDeps,
  range: LookRange,
  pulse: WorkPulse,
  send: (looks: Looks) => Promise<Blocked | null>,
): Promise<Blocked | null> {
  for (;;) {
    const looks = await Looks.open(deps, range, pulse);
    try {
      return (await looks.cover()) ?? (await looks.meanwhile(() => send(looks)));
    } catch (error) {
      if (!(error instanceof NoLookError)) throw error;
    } finally {
      looks.stop();
    }
  }
}

/** The looks at one range, and at those who come after it. */
export class Looks {
  readonly #tools: LookTools;
  readonly #range: LookRange;
  readonly #campaign: Campaign;
  readonly #pulse: WorkPulse;
  readonly #ended: AbortController;
  /** Null where people are looked up one by one. */
  readonly #walk: LookWalk | null;

  private constructor(
    tools: LookTools,
    range: LookRange,
    campaign: Campaign,
    pulse: WorkPulse,
    ended: AbortController,
    walk: LookWalk | null,
  ) {
    this.#tools = tools;
    this.#range = range;
    this.#campaign = campaign;
    this.#pulse = pulse;
    this.#ended = ended;
    this.#walk = walk;
  }

  static async open(deps: LookDeps, range: LookRange, pulse: WorkPulse): Promise<Looks> {
    const { ledger, pacer } = deps;
    const { run } = range;
    const { file, accountId } = await ledger.read((db) => readMigration(db, run.migrationId));
    const key = pagesPaceKey(file.source, accountId);
    const ended = new AbortController();
    const slots = new SlotHand(pacer, [key], AbortSignal.any([pulse.signal, ended.signal]));
    const asking = { slots, pulse };
    const tools = { ledger, run, source: deps.sourceOf(file.source), asking, unanswered: new Map() };
    const campaign = await campaignOf(deps, file, key, range);
    const walk = lookWay(campaign) === "pages" ? await LookWalk.open(tools) : null;
    return new Looks(tools, range, campaign, pulse, ended, walk);
  }

  /** Until everybody of the range, or who comes first in it, was looked at so lately that it lasts for the range. */
  async cover(): Promise<Blocked | null> {
    const { from } = this.#range;
    const to = this.#walk === null ? Math.min(this.#range.to, from + LEAD - 1) : this.#range.to;
    for (;;) {
      this.#pulse.throwIfCancelled();
      const subs = await this.#notLookedAt(from, to);
      if (subs.length === 0) return null;
      const walk = this.#walkFor(subs.length);
      const blocked = await (walk === null ? lookUpAll(this.#tools, subs) : walk.goOn(this.#pulse));
      if (blocked !== null) return blocked;
    }
  }

  /** Null for those whom a walk has missed: whether they are gone is for Cognito to say. */
  #walkFor(people: number): LookWalk | null {
    if (this.#walk === null) return null;
    const { isDone, wholeSinceMs } = this.#walk.standing;
    // The walk before has seen nearly everybody, and this one goes on beside the mails.
    const areFew = wholeSinceMs !== null && people <= FEW;
    return isDone || areFew ? null : this.#walk;
  }

  /** Looks at those who come next, as long as the work lasts. */
  async meanwhile(work: () => Promise<Blocked | null>): Promise<Blocked | null> {
    const ahead = this.#lookAhead().catch((error: unknown) => {
      if (!this.#ended.signal.aborted || !isAbort(error)) throw error;
      return null;
    });
    // Whoever waits for it meets the failure.
    ahead.catch(() => undefined);
    let blocked: Blocked | null;
    try {
      blocked = await work();
    } finally {
      this.stop();
      await ahead.catch(() => undefined);
    }
    return blocked ?? (await ahead);
  }

  stop(): void {
    this.#ended.abort();
  }

  /** Somebody was claimed, and the last look at them may have become old: one more then. Null where nothing has changed. */
  async troubleWith(sub: string, planned: Standing): Promise<Outcome | null> {
    let look = await this.#at(sub);
    if (look === undefined) {
      const why = this.#tools.unanswered.get(sub);
      if (why !== undefined) return { ...NOBODY_SAYS, message: why };
      const looked = await lookUpOnce(this.#tools, sub);
      if (typeof looked !== "string") return stopped(new ParkedError(looked));
      look = await this.#at(sub);
    }
    return look === undefined ? stopped(new NoLookError()) : skippedAs(changedSince(planned, look.standing));
  }

  #at(sub: string) {
    const { ledger, run } = this.#tools;
    return ledger.read((db) => lookAt(db, run, sub, MAX_LOOK_AGE_MS));
  }

  async #notLookedAt(from: number, to: number): Promise<string[]> {
    const { ledger, run, unanswered } = this.#tools;
    const range = { ...run, from, to };
    const limit = MOST_AT_ONCE + unanswered.size;
    const subs = await ledger.read((db) => notLookedAt(db, range, BATCH_LOOK_AGE_MS, limit));
    return subs.filter((sub) => !unanswered.has(sub));
  }

  /** Until the range has been sent. */
  async #lookAhead(): Promise<Blocked | null> {
    const { signal } = this.#ended;
    const pulse = quietly(this.#pulse, signal);
    if (this.#walk !== null) return this.#keepWalking(this.#walk, pulse);
    const { from, to, ahead } = this.#range;
    const tools = { ...this.#tools, asking: { ...this.#tools.asking, pulse } };
    while (!signal.aborted) {
      const subs = await this.#notLookedAt(from, Math.min(2 * to - from + 1, from + ahead - 1));
      if (subs.length === 0) return null;
      const blocked = await lookUpAll(tools, subs, () => signal.aborted);
      if (blocked !== null) return blocked;
    }
    return null;
  }

  async #keepWalking(walk: LookWalk, pulse: WorkPulse): Promise<Blocked | null> {
    const { pages, callsPerSecond, mails, mailsPerSecond } = this.#campaign;
    while (!pulse.signal.aborted) {
      const { beganAtMs, isDone } = walk.standing;
      if (beganAtMs !== null && isDone) {
        const ageMs = (await lookTimeMs(this.#tools)) - beganAtMs;
        // The looks that there are outlast the campaign.
        if (ageMs + (mails / mailsPerSecond) * 1_000 < BATCH_LOOK_AGE_MS) return null;
        await MONOTONIC.wait(nextWalkAfterMs(pages, callsPerSecond) - ageMs, pulse.signal);
        if (pulse.signal.aborted) return null;
      }
      const blocked = await walk.goOn(pulse);
      if (blocked !== null) return blocked;
    }
    return null;
  }
}

async function campaignOf(
  { ledger, destinationOf }: LookDeps,
  file: Migration,
  pagesKey: string,
  { run, ahead, isCanary }: LookRange,
): Promise<Campaign> {
  const mailsKey = destinationPaceKey(destinationOf(file.destination), "resets");
  const paces = await readPace(ledger, [mailsKey, pagesKey]);
  const { counters } = await readCursor(ledger, cursorId(run, "snapshot"));
  return {
    mailsPerSecond: paces.get(mailsKey) ?? file.passwordResets.perSecond,
    callsPerSecond: paces.get(pagesKey) ?? file.pace.pagesPerSecond,
    pages: counters.pages ?? Number.POSITIVE_INFINITY,
    mails: ahead,
    isCanary,
  };
}

/** For work beside that of a batch, which shows its own progress. */
function quietly(pulse: WorkPulse, ended: AbortSignal): WorkPulse {
  return {
    fence: pulse.fence,
    signal: AbortSignal.any([pulse.signal, ended]),
    during: (limitMs, work) => pulse.during(limitMs, work),
    show: () => undefined,
    throwIfCancelled: () => pulse.throwIfCancelled(),
  };
}

export function skippedAs(reason: NoResetReason | null): Outcome | null {
  return reason === null ? null : { kind: "skipped", reason };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
