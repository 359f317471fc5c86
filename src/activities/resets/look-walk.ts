import { PAGE_SIZE, type SourcePage } from "../../cognito/source.ts";
import type { Blocked } from "../../domain/contract.ts";
import type { SourceUser } from "../../domain/pool.ts";
import { askSource, type SourceResult } from "../../engine/ask-source.ts";
import type { WorkPulse } from "../../engine/heartbeat.ts";
import { cursorId } from "../../engine/steps.ts";
import { walk } from "../../engine/walk.ts";
import { type Counters, type CursorId, moveCursor, readCursor, takeCursor } from "../../ledger/cursors.ts";
import { type Look, noteLooks } from "../../ledger/looks.ts";
import { BATCH_LOOK_AGE_MS } from "../../plan/look-way.ts";
import { standingOf } from "../../plan/still-as-planned.ts";
import { type LookTools, lookTimeMs } from "./look-up.ts";

/** Where the walks stand; by the ledger's clock. */
export interface WalkStanding {
  /** Null before the first walk of a run. */
  beganAtMs: number | null;
  isDone: boolean;
  /** Of the last walk that came to its end. */
  wholeSinceMs: number | null;
}

/**
 * Walks over the whole pool, one after the other, of which each looks at everybody again. The place of the walk is in the
 * ledger with its looks: the next batch, or the next worker, goes on from there.
 */
export class LookWalk {
  readonly #tools: LookTools;
  readonly #id: CursorId;
  #standing: WalkStanding;

  private constructor(tools: LookTools, id: CursorId, standing: WalkStanding) {
    this.#tools = tools;
    this.#id = id;
    this.#standing = standing;
  }

  static async open(tools: LookTools): Promise<LookWalk> {
    const id = cursorId(tools.run, "looks");
    const { done, counters } = await readCursor(tools.ledger, id);
    const standing = standingBy(done, counters);
    return new LookWalk(tools, id, isOld(standing, await lookTimeMs(tools)) ? NOT_BEGUN : standing);
  }

  get standing(): WalkStanding {
    return this.#standing;
  }

  /** Goes on until the walk's end or the pulse's; a walk that has ended is followed by a new one. */
  async goOn(pulse: WorkPulse): Promise<Blocked | null> {
    const { beganAtMs, isDone, wholeSinceMs } = this.#standing;
    if (beganAtMs === null || isDone)
      await this.#moveTo(pulse, { beganAtMs: await lookTimeMs(this.#tools), isDone: false, wholeSinceMs });
    while (!this.#standing.isDone && !pulse.signal.aborted) {
      const result = await this.#share(pulse);
      if (result.status === "complete") this.#standing = ended(this.#standing);
      // Its tokens die too soon: whom it has not come to is looked up.
      else if (result.status === "blocked" && result.code === "snapshot_stuck")
        await this.#moveTo(pulse, ended(this.#standing));
      else if (result.status === "blocked") return result;
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

  /** To its beginning, or its end. */
  async #moveTo(pulse: WorkPulse, standing: WalkStanding): Promise<void> {
    const { ledger } = this.#tools;
    await takeCursor(ledger, this.#id, pulse.fence);
    const to = { position: null, done: standing.isDone, counters: countersOf(standing) };
    await ledger.writeSoon((tx) => moveCursor(tx, this.#id, pulse.fence, to));
    this.#standing = standing;
  }
}

const NOT_BEGUN: WalkStanding = { beganAtMs: null, isDone: false, wholeSinceMs: null };

/** Nobody needs what a walk saw that began so long ago, or by a clock that was set back since. */
function isOld({ beganAtMs }: WalkStanding, nowMs: number): boolean {
  return beganAtMs !== null && Math.abs(nowMs - beganAtMs) > BATCH_LOOK_AGE_MS;
}

function standingBy(isDone: boolean, { beganAtMs, wholeSinceMs }: Counters): WalkStanding {
  const standing = { beganAtMs: beganAtMs ?? null, isDone, wholeSinceMs: wholeSinceMs ?? null };
  return isDone ? ended(standing) : standing;
}

function ended({ beganAtMs }: WalkStanding): WalkStanding {
  return { beganAtMs, isDone: true, wholeSinceMs: beganAtMs };
}

function countersOf({ beganAtMs, wholeSinceMs }: WalkStanding): Counters {
  return {
    ...(beganAtMs !== null && { beganAtMs }),
    ...(wholeSinceMs !== null && { wholeSinceMs }),
  };
}
