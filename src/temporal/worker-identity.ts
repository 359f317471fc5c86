import { hostname } from "node:os";

/** What Temporal shows of a worker, and what others read of it: process, host, ledger, and where its people go. */
export function workerIdentity(
  ledgerId: string,
  environments: Readonly<Record<string, string | null>>,
): string {
  const places = Object.entries(environments).flatMap(([kind, environment]) =>
    environment === null ? [] : [`${kind}=${environment}`],
  );
  return [`${process.pid}@${hostname()}`, `ledger=${ledgerId}`, ...places].join(" ");
}

/** Null for a worker that is none of ours. */
export function readIdentity(identity: string): { process: string; ledgerId: string } | null {
  const [, process, ledgerId] = /^(\S+) ledger=(\S+)/.exec(identity) ?? [];
  return process === undefined || ledgerId === undefined ? null : { process, ledgerId };
}
