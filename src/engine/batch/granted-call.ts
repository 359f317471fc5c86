import type { Call, Item } from "../../destinations/sending.ts";
import type { Clock } from "../clock.ts";
import type { CallSlots } from "../destination-slots.ts";
import { CLAIM_TRUST_MS, type Operation } from "../heartbeat.ts";
import type { Slot } from "../pacer.ts";
import type { Lanes, Lease } from "./lanes.ts";
import type { Queue } from "./queue.ts";
import { askAnew } from "./still-wanted.ts";
import type { Entry, Work } from "./work.ts";

export interface SendPorts {
  queue: Queue;
  slots: CallSlots;
  lanes: Pick<Lanes, "hold" | "isHeld">;
  clock: Clock;
  /** By the ledger's clock. */
  ledgerNowMs: () => number;
  /** Aborts when the batch stops. */
  signal: AbortSignal;
}

/** What one `send` may do: each of its calls has a slot, a lease and claims that hold, and a time limit of its own. */
export class GrantedCall<Record> implements Call {
  readonly signal: AbortSignal;
  readonly #ports: SendPorts;
  readonly #entries: ReadonlyMap<Item<unknown>, Entry<Record>>;
  readonly #lease: Lease;
  readonly #operation: Operation;
  readonly #takeSlot: () => Slot | null;
  readonly #callTimeoutMs: number;
  readonly #work: Work<Record>;
  readonly #written = new Set<Entry<Record>>();
  #callsLeft: number;

  constructor(
    ports: SendPorts,
    options: {
      work: Work<Record>;
      entries: ReadonlyMap<Item<unknown>, Entry<Record>>;
      lease: Lease;
      operation: Operation;
      /** A slot that was reserved for this. */
      takeSlot: () => Slot | null;
      callTimeoutMs: number;
    },
  ) {
    this.signal = ports.signal;
    this.#ports = ports;
    this.#entries = options.entries;
    this.#lease = options.lease;
    this.#operation = options.operation;
    this.#takeSlot = options.takeSlot;
    this.#callTimeoutMs = options.callTimeoutMs;
    this.#work = options.work;
    this.#callsLeft = options.work.sender.maxCalls;
    // Waiting is no hanging: the limit runs from when a call is let go.
    this.#operation.pause();
  }

  nowMs(): number {
    return this.#ports.ledgerNowMs();
  }

  async write(items?: readonly Item<unknown>[]): Promise<void> {
    const entries =
      items === undefined ? [...this.#entries.values()] : items.map((item) => this.#entryOf(item));
    await this.#grant("write", entries);
    for (const entry of entries) {
      entry.inDoubt = true;
      this.#written.add(entry);
    }
  }

  /** No call is in flight any more. */
  end(): void {
    const nowMs = this.nowMs();
    for (const entry of this.#written) entry.lastTriedAtMs = nowMs;
  }

  read(): Promise<void> {
    return this.#grant("read", [...this.#entries.values()]);
  }

  async #grant(verb: "write" | "read", entries: readonly Entry<Record>[]): Promise<void> {
    if (this.#callsLeft === 0) throw new Error("A sender makes more calls than it says.");
    const isFirst = this.#callsLeft === this.#work.sender.maxCalls;
    this.#callsLeft -= 1;
    const { slots, lanes, clock, signal } = this.#ports;
    const reserved = verb === "write" ? this.#takeSlot() : null;
    this.#operation.pause();
    if (!lanes.isHeld(this.#lease)) await lanes.hold(this.#lease);
    let slot = reserved === null ? await slots.next(verb) : await slots.due(reserved, verb);
    await this.#trust(entries);
    if (verb === "write" || isFirst)
      while (await askAnew(this.#work, entries, clock, signal)) {
        // The answer may have taken its time: everything else has to hold still.
        slot = await slots.due(slot, verb);
        await this.#trust(entries);
      }
    // A batch that stops makes no call any more, so nothing is in doubt.
    signal.throwIfAborted();
    this.#operation.restart(this.#callTimeoutMs);
  }

  async #trust(entries: readonly Entry<Record>[]): Promise<void> {
    while (!this.#isTrusted(entries)) {
      await this.#ports.lanes.hold(this.#lease);
      await this.#confirm(entries);
    }
  }

  /** What was not looked at for long is looked at before a call: somebody else may hold it by now. */
  #isTrusted(entries: readonly Entry<Record>[]): boolean {
    const { lanes, clock } = this.#ports;
    const sinceMs = clock.nowMs() - CLAIM_TRUST_MS;
    return lanes.isHeld(this.#lease) && entries.every(({ trustedAtMs }) => trustedAtMs >= sinceMs);
  }

  async #confirm(entries: readonly Entry<Record>[]): Promise<void> {
    const { queue, clock } = this.#ports;
    const askedAtMs = clock.nowMs();
    await queue.confirm(entries.map(({ claimed }) => claimed.ordinal));
    for (const entry of entries) entry.trustedAtMs = askedAtMs;
  }

  #entryOf(item: Item<unknown>): Entry<Record> {
    const entry = this.#entries.get(item);
    if (entry === undefined) throw new Error("A sender writes an item that is not of its call.");
    return entry;
  }
}
