import type { Outcome } from "../../destinations/sending.ts";
import type { Blocked, ResetBatchInput } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import { SOURCE_NO_ANSWER } from "../../domain/outcomes.ts";
import { MONOTONIC } from "../../engine/clock.ts";
import type { WorkPulse } from "../../engine/heartbeat.ts";
import { destinationPaceKey, pagesPaceKey } from "../../engine/pace-keys.ts";
import { ParkedError } from "../../engine/parked.ts";
import { SlotHand } from "../../engine/slot-hand.ts";
import { cursorId } from "../../engine/steps.ts";
import { readCursor } from "../../ledger/cursors.ts";
import { duePeople, lookAt } from "../../ledger/looks.ts";
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
import { PoolLook } from "./pool-look.ts";

type LookDeps = Pick<Deps, "ledger" | "pacer" | "sourceOf" | "destinationOf">;
export type LookRange = Pick<ResetBatchInput, "run" | "from" | "to" | "ahead" | "isCanary">;

/** The mails begin once so many people were looked at, and the others stay ahead of them. */
const LEAD = 50;
/** People are looked up so far ahead of the mails, at the pace at which these go. */
const AHEAD_SECONDS = 180;
const MOST_AHEAD = 5_000;
/** Until it is seen how far the mails have come. */
const SEE_AGAIN_MS = 1_000;

/** Of one person alone Cognito gives no answer: nobody waits for that. */
const NOBODY_SAYS = { kind: "put_off", retryAfterMs: 30_000, code: SOURCE_NO_ANSWER } as const;

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
  readonly #campaign: Omit<Campaign, "walkTookMs">;
  readonly #pulse: WorkPulse;
  readonly #ended: AbortController;
  readonly #walk: LookWalk;
  readonly #pool: PoolLook;
  /** Whose turn has come. */
  #turns = 0;

  private constructor(
    tools: LookTools,
    range: LookRange,
    campaign: Omit<Campaign, "walkTookMs">,
    pulse: WorkPulse,
    ended: AbortController,
    walk: LookWalk,
    pool: PoolLook,
  ) {
    this.#tools = tools;
    this.#range = range;
    this.#campaign = campaign;
    this.#pulse = pulse;
    this.#ended = ended;
    this.#walk = walk;
    this.#pool = pool;
  }

  static async open(deps: LookDeps, range: LookRange, pulse: WorkPulse): Promise<Looks> {
    const { ledger, pacer } = deps;
    const { run } = range;
    const { file, accountId } = await ledger.read((db) => readMigration(db, run.migrationId));
    const key = pagesPaceKey(file.source, accountId);
    const ended = new AbortController();
    const slots = new SlotHand(pacer, [key], AbortSignal.any([pulse.signal, ended.signal]));
    const asking = { slots, pulse };
    const source = deps.sourceOf(file.source);
    const tools = { ledger, run, source, asking, unanswered: new Map() };
    const campaign = await campaignOf(deps, file, key, range);
    const walk = await LookWalk.open(tools, campaign.pages);
    const asked = { asking, describePool: () => source.describePool(), nowMs: () => lookTimeMs(tools) };
    const pool = new PoolLook(asked, file.passwordResets);
    return new Looks(tools, range, campaign, pulse, ended, walk, pool);
  }

  /**
   * Until those who come first were looked at so lately that it lasts until their turn. Where looks grow old faster than
   * they are made, fewer people will do each time: else they would be made anew for ever, and nobody mailed.
   */
  async cover(): Promise<Blocked | null> {
    const barred = await this.#pool.renewed();
    if (barred !== null) return barred;
    for (let people = LEAD; ; ) {
      this.#pulse.throwIfCancelled();
      const subs = await this.#notLookedAt(people, this.#range.to);
      if (subs.length === 0) return null;
      const isWalked = this.#isWalkWaitedFor();
      const blocked = await (isWalked ? this.#walk.goOn(this.#pulse) : lookUpAll(this.#tools, subs));
      if (blocked !== null) return blocked;
      if (!isWalked) people = Math.ceil(people / 2);
    }
  }

  #isWalking(): boolean {
    const walkTookMs = this.#walk.standing.took?.forMs ?? null;
    return lookWay({ ...this.#campaign, walkTookMs }) === "pages";
  }

  /** Not for those whom a walk has missed, whom Cognito may not have any more; nor once it goes on beside the mails. */
  #isWalkWaitedFor(): boolean {
    const { isDone, wholeSinceMs } = this.#walk.standing;
    return this.#isWalking() && !isDone && wholeSinceMs === null;
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
    this.#turns += 1;
    const barred = await this.#pool.renewedOnce();
    if (barred !== null) return stopped(barred === "not_now" ? new NoLookError() : new ParkedError(barred));
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

  /** At the mail: whether Cognito was asked about the pool so long ago that it has to be asked again. */
  isPoolOld(nowMs: number): boolean {
    return this.#pool.isOld(nowMs);
  }

  #at(sub: string) {
    const { ledger, run } = this.#tools;
    return ledger.read((db) => lookAt(db, run, sub, MAX_LOOK_AGE_MS));
  }

  /** Among the first so many who are due. Of whom Cognito gives no answer there is nothing to wait for. */
  async #notLookedAt(people: number, to: number): Promise<string[]> {
    const { ledger, run, unanswered } = this.#tools;
    const range = { ...run, from: this.#range.from, to };
    const due = await ledger.read((db) => duePeople(db, range, BATCH_LOOK_AGE_MS, people));
    return due.filter(({ sub, isLookedAt }) => !isLookedAt && !unanswered.has(sub)).map(({ sub }) => sub);
  }

  /** Until the range has been sent. */
  async #lookAhead(): Promise<Blocked | null> {
    const { signal } = this.#ended;
    const pulse = quietly(this.#pulse, signal);
    const tools = { ...this.#tools, asking: { ...this.#tools.asking, pulse } };
    const beganAtMs = performance.now();
    while (!pulse.signal.aborted) {
      const seconds = (performance.now() - beganAtMs) / 1_000;
      const mailsPerSecond = this.#turns / Math.max(1, seconds);
      const blocked = this.#isWalking()
        ? await this.#walkAhead(mailsPerSecond, pulse)
        : await this.#lookUpAhead(mailsPerSecond, tools, pulse);
      if (blocked !== null) return blocked;
    }
    return null;
  }

  async #lookUpAhead(
    mailsPerSecond: number,
    tools: LookTools,
    { signal }: WorkPulse,
  ): Promise<Blocked | null> {
    const { from, ahead } = this.#range;
    const people = Math.min(MOST_AHEAD, Math.ceil(mailsPerSecond * AHEAD_SECONDS));
    const subs = await this.#notLookedAt(people, from + ahead - 1);
    // No more at a time: meanwhile the mails come nearer.
    if (subs.length > 0) return lookUpAll(tools, subs.slice(0, LEAD), () => signal.aborted);
    await MONOTONIC.wait(SEE_AGAIN_MS, signal);
    return null;
  }

  /** The walk that goes on, or the next one when it is due, unless the looks that there are outlast the campaign. */
  async #walkAhead(mailsPerSecond: number, pulse: WorkPulse): Promise<Blocked | null> {
    const { beganAtMs, isDone, took } = this.#walk.standing;
    if (beganAtMs === null || !isDone) return this.#walk.goOn(pulse);
    const ageMs = (await lookTimeMs(this.#tools)) - beganAtMs;
    const dueInMs = nextWalkAfterMs({ ...this.#campaign, walkTookMs: took?.forMs ?? null }) - ageMs;
    const left = this.#campaign.mails - this.#turns;
    const isNeeded = ageMs + (left / mailsPerSecond) * 1_000 >= BATCH_LOOK_AGE_MS;
    if (dueInMs <= 0 && isNeeded) return this.#walk.goOn(pulse);
    await MONOTONIC.wait(Math.max(SEE_AGAIN_MS, dueInMs), pulse.signal);
    return null;
  }
}

async function campaignOf(
  { ledger, destinationOf }: LookDeps,
  file: Migration,
  pagesKey: string,
  { run, ahead, isCanary }: LookRange,
): Promise<Omit<Campaign, "walkTookMs">> {
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
