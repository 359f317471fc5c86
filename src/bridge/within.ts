/**
 * Resolves with `otherwise` when the work takes longer. The work is told by its signal before anybody hears of that, and its
 * failure is nobody's then.
 */
export async function within<T, L>(
  timeoutMs: number,
  work: (late: AbortSignal) => Promise<T>,
  otherwise: L,
): Promise<T | L> {
  const controller = new AbortController();
  const { promise: timeout, resolve } = Promise.withResolvers<L>();
  const timer = setTimeout(() => {
    resolve(otherwise);
    controller.abort();
  }, timeoutMs);
  const working = work(controller.signal);
  working.catch(() => undefined);
  try {
    return await Promise.race([working, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
