/** More time for an answer that is there already, as a part of the limit. */
const GRACE = 0.1;

/**
 * Calls `onLate` unless it is cancelled within the limit. A process that was stopped (SIGSTOP) finds its timers due
 * before it has read the answers that came meanwhile, so the last part of the limit begins anew then.
 */
export function startDeadline(limitMs: number, onLate: () => void): () => void {
  let timer = setTimeout(() => {
    timer = setTimeout(onLate, limitMs * GRACE);
  }, limitMs);
  return () => clearTimeout(timer);
}
