import { PAGE_SIZE, type SourcePage } from "../../cognito/source.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { askSource, type SourceResult } from "../../engine/ask-source.ts";
import type { WorkPulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { walk } from "../../engine/walk.ts";
import { type Counters, type CursorId, moveCursor, readCursor, takeCursor } from "../../ledger/cursors.ts";
import { type Look, noteLooks } from "../../ledger/looks.ts";
import { BATCH_LOOK_AGE_MS, tooLongMs } from "../../plan/look-way.ts";
import { standingOf } from "../../plan/still-as-planned.ts";
import { type LookTools, lookTimeMs } from "./look-up.ts";

/** Where the walks stand; by the ledger's clock. */
export interface WalkStanding {
  /** Null before the first walk of a run. */
  beganAtMs: number | null;
  /** At its end, or given up. */
  isDone: boolean;
  /** Of the last walk that came to its end. */
  wholeSinceMs: number | null;
  /** What the last walk took, or would have. */
  took: { forMs: number; toldAtMs: number } | null;
}

/** A slow half hour of Cognito is no reason to walk never again. */
const TOOK_GOOD_MS = 30 * 60_000;

/**
 * Walks over the whole pool, one after the other, of which each looks at everybody again. The place of the walk is in the
 * ledger with its looks: the next batch, or the next worker, goes on from there.
 */
export class LookWalk {
  readonly #tools: LookTools;
  readonly #id: CursorId;
  readonly #pages: number;
  #standing: WalkStanding;

  private constructor(tools: LookTools, id: CursorId, pages: number, standing: WalkStanding) {
    this.#tools = tools;
    this.#id = id;
    this.#pages = pages;
    this.#standing = standing;
  }

  /** `pages`: how many the pool had. */
  static async open(tools: LookTools, pages: number): Promise<LookWalk> {
    const id = cursorId(tools.run, "looks");
    const { done, counters } = await readCursor(tools.ledger, id);
    const standing = lasting(standingBy(done, counters), await lookTimeMs(tools));
    return new LookWalk(tools, id, pages, standing);
  }

  get standing(): WalkStanding {
    return this.#standing;
  }

  /** Goes on until the walk's end or the pulse's, or gives the walk up; one that has ended is followed by a new one. */
  async goOn(pulse: WorkPulse): Promise<Blocked | null> {
    if (this.#standing.beganAtMs === null || this.#standing.isDone)
      await this.#moveTo(pulse, {
        ...this.#standing,
        beganAtMs: await lookTimeMs(this.#tools),
        isDone: false,
      });
    while (!this.#standing.isDone && !pulse.signal.aborted) {
      const lateMs = await this.#lateMs();
      if (lateMs !== null) await this.#end(pulse, lateMs);
      else {
        const result = await this.#share(pulse);
        // Its tokens may die too soon: whom it has not come to is looked up.
        const isOver =
          result.status === "complete" || (result.status === "blocked" && result.code === "snapshot_stuck");
        if (isOver) await this.#end(pulse, null);
        else if (result.status === "blocked") return result;
      }
    }
    return null;
  }

  #share(pulse: WorkPulse) {
    const { ledger, run, source, asking } = this.#tools;
    const sinceMs = this.#standing.beganAtMs ?? 0;
    /** Of the pages that were fetched and not packed yet, in their order. */
    const askedAtMs: number[] = [];
    const fetch = async (token: string | null): Promise<SourceResult<SourcePage>> => {
      let atMs = 0;
      const result = await askSource({ ...asking, pulse }, "ListUsers", async () => {
        atMs = await lookTimeMs({ ledger });
        return source.listUsers(token, PAGE_SIZE);
      });
      if (result.status === "answered") askedAtMs.push(atMs);
      return result;
    };
    const pack = (users: readonly SourceUser[]): Look[] => {
      const lookedAtMs = askedAtMs.shift() ?? 0;
      return users.map((user) => ({ sub: user.sub, lookedAtMs, standing: standingOf(user) }));
    };
    return walk(ledger, pulse, this.#id, {
      fetch,
      store: { pack, write: (tx, pages) => noteLooks(tx, run, pages.flat(), sinceMs) },
    });
  }

  /** How long it would take, where that is too long. */
  async #lateMs(): Promise<number | null> {
    const { counters } = await readCursor(this.#tools.ledger, this.#id);
    const forMs = (await lookTimeMs(this.#tools)) - (this.#standing.beganAtMs ?? 0);
    return tooLongMs({ forMs, pagesRead: counters.pages ?? 0 }, this.#pages);
  }

  async #end(pulse: WorkPulse, lateMs: number | null): Promise<void> {
    const toldAtMs = await lookTimeMs(this.#tools);
    const { beganAtMs } = this.#standing;
    const forMs = lateMs ?? toldAtMs - (beganAtMs ?? toldAtMs);
    const wholeSinceMs = lateMs === null ? beganAtMs : this.#standing.wholeSinceMs;
    await this.#moveTo(pulse, { beganAtMs, isDone: true, wholeSinceMs, took: { forMs, toldAtMs } });
  }

  /** To its beginning, or its end. */
  async #moveTo(pulse: WorkPulse, standing: WalkStanding): Promise<void> {
    const { ledger } = this.#tools;
    await takeCursor(ledger, this.#id, pulse.fence);
    const to = { position: null, done: standing.isDone, counters: countersOf(standing) };
    await ledger.writeSoon((tx) => moveCursor(tx, this.#id, pulse.fence, to));
    this.#standing = standing;
  }
}

/** Nobody needs what a walk saw that began so long ago, or by a clock that was set back since. */
function lasting({ took, ...walk }: WalkStanding, nowMs: number): WalkStanding {
  const isOld = walk.beganAtMs !== null && Math.abs(nowMs - walk.beganAtMs) > BATCH_LOOK_AGE_MS;
  const stillTook = took !== null && Math.abs(nowMs - took.toldAtMs) > TOOK_GOOD_MS ? null : took;
  return { ...(isOld ? NOT_BEGUN : walk), took: stillTook };
}

const NOT_BEGUN = { beganAtMs: null, isDone: false, wholeSinceMs: null };

function standingBy(isDone: boolean, counters: Counters): WalkStanding {
  const { beganAtMs = null, wholeSinceMs = null, tookMs, toldAtMs } = counters;
  const isKnown = tookMs !== undefined && toldAtMs !== undefined;
  return { beganAtMs, isDone, wholeSinceMs, took: isKnown ? { forMs: tookMs, toldAtMs } : null };
}

function countersOf({ beganAtMs, wholeSinceMs, took }: WalkStanding): Counters {
  return {
    ...(beganAtMs !== null && { beganAtMs }),
    ...(wholeSinceMs !== null && { wholeSinceMs }),
    ...(took !== null && { tookMs: took.forMs, toldAtMs: took.toldAtMs }),
  };
}
