import { once } from "node:events";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { reserve } from "../../src/ledger/pace.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";

/** Run by `fork`: a second program on the same ledger. Says "open", waits for any message, works, answers and ends. */

export type Task = "open" | "drain" | "reserve";

async function drain(ledger: Ledger): Promise<number[]> {
  const range = { migrationId: 1, generation: 1, phase: "users", from: 1, to: 1_000_000 } as const;
  const mine: number[] = [];
  for (;;) {
    const items = await ledger.write((tx) => claim(tx, range, 1, 8));
    if (items.length === 0) return mine;
    mine.push(...items.map((item) => item.ordinal));
    await ledger.write((tx) =>
      settle(
        tx,
        range,
        1,
        items.map((item) => ({
          item,
          state: "done",
          inDoubt: false,
          code: null,
          message: null,
          fact: { destinationId: `user_${item.key}`, how: "created", fingerprint: "f", details: null },
        })),
      ),
    );
  }
}

async function reserveOften(ledger: Ledger): Promise<number[]> {
  const granted: number[] = [];
  for (let round = 0; round < 20; round++) {
    const { delaysMs } = await reserve(ledger, ["writes"], 3);
    granted.push(delaysMs.length);
  }
  return granted;
}

const TASKS: Record<Task, (ledger: Ledger) => Promise<number[]>> = {
  open: () => Promise.resolve([]),
  drain,
  reserve: reserveOften,
};

const [url = "", name = ""] = process.argv.slice(2);
const task = TASKS[name === "drain" || name === "reserve" ? name : "open"];
process.send?.("ready");
await once(process, "message");
const ledger = await openLedger(url);
const result = await task(ledger);
process.send?.({ id: ledger.id, result });
await ledger.close();
process.disconnect?.();
