import type { CallKind } from "../domain/migration.ts";
import { destinationPaceKey, type Environment } from "./pace-keys.ts";
import type { Pacer, Slot, Turn } from "./pacer.ts";

/** The pace of one destination, as one attempt of an activity uses it. Everything rejects when `signal` aborts. */
export class DestinationSlots {
  readonly #pacer: Pacer;
  readonly #destination: Environment;
  readonly #turn: Turn;

  constructor(pacer: Pacer, destination: Environment, signal: AbortSignal) {
    this.#pacer = pacer;
    this.#destination = destination;
    this.#turn = { beganAtMs: performance.now(), signal };
  }

  /** Between 1 and `wanted` slots; none of them need be due yet. */
  reserve(kinds: readonly CallKind[], wanted: number): Promise<Slot[]> {
    return this.#pacer.take(this.#keys(kinds), wanted, this.#turn);
  }

  /** Waits until the slot is due; one that became void meanwhile is taken anew. Resolves with the one that is due. */
  async due(kinds: readonly CallKind[], slot: Slot): Promise<Slot> {
    let current = slot;
    while (!(await this.#pacer.due(current, this.#turn.signal))) current = await this.#fresh(kinds);
    return current;
  }

  /** Waits for one slot that is due now. */
  async next(kinds: readonly CallKind[]): Promise<Slot> {
    return this.due(kinds, await this.#fresh(kinds));
  }

  /** The destination asked to wait: everyone does. */
  async block(kinds: readonly CallKind[], forMs: number): Promise<void> {
    await this.#pacer.block(this.#keys(kinds), forMs);
  }

  async #fresh(kinds: readonly CallKind[]): Promise<Slot> {
    const [slot] = await this.reserve(kinds, 1);
    if (slot === undefined) throw new Error("The pacer granted nothing.");
    return slot;
  }

  #keys(kinds: readonly CallKind[]): string[] {
    return kinds.map((kind) => destinationPaceKey(this.#destination, kind));
  }
}

/** Slots of the calls of one sender, by verb. */
export interface CallSlots {
  /** Between 1 and `wanted` for calls that may take effect; none of them need be due yet. */
  reserve(wanted: number): Promise<Slot[]>;
  /** Waits until a slot is due; one that became void meanwhile is taken anew. Resolves with the one that is due. */
  due(slot: Slot, verb: "write" | "read"): Promise<Slot>;
  /** Waits for a slot that is due now. */
  next(verb: "write" | "read"): Promise<Slot>;
  /** The destination asked to wait: everyone does. */
  block(forMs: number): Promise<void>;
}

export function slotsByVerb(
  slots: DestinationSlots,
  kinds: Record<"write" | "read", readonly CallKind[]>,
): CallSlots {
  return {
    reserve: (wanted) => slots.reserve(kinds.write, wanted),
    due: (slot, verb) => slots.due(kinds[verb], slot),
    next: (verb) => slots.next(kinds[verb]),
    block: (forMs) => slots.block(kinds.write, forMs),
  };
}
