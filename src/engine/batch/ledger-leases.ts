import { randomUUID } from "node:crypto";
import type { Sender } from "../../destinations/sending.ts";
import { giveBackLeases, LEASE_MS, renewLeases, takeLeases, wantLeases } from "../../ledger/leases.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { LEDGER_TIMEOUT_MS } from "../heartbeat.ts";
import type { Leases } from "./lanes.ts";
import type { BatchPulse } from "./queue.ts";

/** The leases of one attempt, in the ledger. */
export function ledgerLeases(
  ledger: Ledger,
  key: string,
  { callsInFlight, outlivesCallerMs = 0 }: Pick<Sender<never>, "callsInFlight" | "outlivesCallerMs">,
  pulse: BatchPulse,
): Leases {
  const by = { key, holder: randomUUID(), leaseMs: Math.max(LEASE_MS, outlivesCallerMs) };
  const asked = <T>(question: () => Promise<T>) => pulse.during(LEDGER_TIMEOUT_MS, question);
  return {
    callsInFlight,
    take: (wanted) => asked(() => ledger.changeSoon((db) => takeLeases(db, by, callsInFlight, wanted))),
    renew: () => asked(() => ledger.changeSoon((db) => renewLeases(db, by))),
    want: () => asked(() => ledger.changeSoon((db) => wantLeases(db, key))),
    giveBack: (slots) => asked(() => ledger.changeSoon((db) => giveBackLeases(db, by, slots))),
  };
}
