/** What needs time before anything more is known about it, and when that time has passed. */
export class Aside<Entry> {
  #waiting: { entry: Entry; dueAtMs: number }[] = [];
  /** Null when nothing waits. */
  nextDueAtMs: number | null = null;

  get size(): number {
    return this.#waiting.length;
  }

  put(entry: Entry, dueAtMs: number): void {
    this.#waiting.push({ entry, dueAtMs });
    this.nextDueAtMs = Math.min(this.nextDueAtMs ?? dueAtMs, dueAtMs);
  }

  /** Takes out whatever is due. */
  due(nowMs: number): Entry[] {
    if (this.nextDueAtMs === null || nowMs < this.nextDueAtMs) return [];
    const due = this.#waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ dueAtMs }) => dueAtMs > nowMs);
    this.nextDueAtMs =
      this.#waiting.length === 0 ? null : Math.min(...this.#waiting.map(({ dueAtMs }) => dueAtMs));
    return due.map(({ entry }) => entry);
  }

  /** Takes out everything. */
  leave(): Entry[] {
    return this.due(Number.POSITIVE_INFINITY);
  }
}
