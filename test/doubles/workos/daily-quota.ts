const DAY_MS = 86_400_000;

/** Counts up to the end of a day in UTC. */
export class DailyQuota {
  #day = 0;
  #taken = 0;

  /** Null for one that may go; else the seconds left of the day. `perDay` null: no quota. */
  take(perDay: number | null, nowMs = Date.now()): number | null {
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#taken = 0;
    }
    if (perDay !== null && this.#taken >= perDay) return Math.ceil(((day + 1) * DAY_MS - nowMs) / 1_000);
    this.#taken += 1;
    return null;
  }
}
