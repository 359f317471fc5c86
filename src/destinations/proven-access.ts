import type { Answer, Destination } from "./destination.ts";

/**
 * Whether this process has shown that its key opens the environment that its settings name. Whoever it brings to another
 * one is lost: the ledger would say that they stand. Settings stay the same for as long as a process lives.
 */

const proven = new WeakSet<Destination>();

export function isAccessProven(destination: Destination): boolean {
  return proven.has(destination);
}

/** Asks, whatever was proven before. Only a proof is kept: what is refused now may be mended at the destination. */
export async function proveAccess(destination: Destination): Promise<Answer<null>> {
  const answer = await destination.checkAccess();
  if (answer.ok) proven.add(destination);
  return answer;
}
