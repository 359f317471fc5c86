interface Failures {
  count: number;
  lockedUntilMs: number;
  lastTriedAtMs: number;
}

const FREE_FAILURES = 4;
const LONGEST_MS = 900_000;
/** Without a try in between. */
const FORGOTTEN_AFTER_MS = 900_000;

/**
 * Who may not try for a while: from the fifth failure on 2^(n-5) seconds, up to 15 minutes. Tries while locked out do
 * not count; a sign-in and 15 minutes without a try begin anew (AWS, "Lockout behavior for failed sign-in attempts").
 */
export class LockOuts {
  readonly #bySub = new Map<string, Failures>();

  isLocked(sub: string, nowMs: number): boolean {
    const failures = this.#bySub.get(sub);
    if (failures === undefined) return false;
    if (nowMs - Math.max(failures.lastTriedAtMs, failures.lockedUntilMs) >= FORGOTTEN_AFTER_MS) {
      this.#bySub.delete(sub);
      return false;
    }
    failures.lastTriedAtMs = nowMs;
    return nowMs < failures.lockedUntilMs;
  }

  fail(sub: string, nowMs: number): void {
    const count = (this.#bySub.get(sub)?.count ?? 0) + 1;
    const lockedMs = count <= FREE_FAILURES ? 0 : Math.min(1_000 * 2 ** (count - 5), LONGEST_MS);
    this.#bySub.set(sub, { count, lockedUntilMs: nowMs + lockedMs, lastTriedAtMs: nowMs });
  }

  forget(sub: string): void {
    this.#bySub.delete(sub);
  }
}
