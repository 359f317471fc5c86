import { callFor, type Item, type Outcome, type Sender } from "./sending.ts";

/** Several senders as one: each item goes to that of its intent, those of one intent together. */

/** What is to be done with something, by the intent that a sender is for. */
export type Intended<Records> = {
  [Intent in keyof Records]: { intent: Intent; record: Records[Intent] };
}[keyof Records];

type Senders<Records> = { readonly [Intent in keyof Records]: Sender<Records[Intent]> };

/** A call takes what the first of them takes. */
export function byIntent<Records>(senders: Senders<Records>): Sender<Intended<Records>> {
  const all = Object.values<Sender<never>>(senders);
  const [first] = all;
  const patience = all.flatMap(({ outlivesCallerMs }) => outlivesCallerMs ?? []);
  return {
    itemsPerCall: first?.itemsPerCall ?? 1,
    callsInFlight: Math.min(...all.map(({ callsInFlight }) => callsInFlight)),
    ...(patience.length === 0 ? {} : { outlivesCallerMs: Math.max(...patience) }),
    maxCalls: all.reduce((sum, { maxCalls }) => sum + maxCalls, 0),
    async send(items, call) {
      const outcomes = new Map<Item<unknown>, Outcome>();
      for (const [intent, own] of Map.groupBy(items, ({ record }) => record.intent)) {
        // Of this intent, by the line above.
        const sender = senders[intent] as Sender<unknown>;
        const sent = own.map((item) => ({ ...item, record: item.record.record }));
        const ends = await sender.send(sent, callFor(call, sent, own));
        for (const [index, item] of own.entries()) {
          const outcome = ends[index];
          if (outcome !== undefined) outcomes.set(item, outcome);
        }
      }
      return items.flatMap((item) => outcomes.get(item) ?? []);
    },
  };
}

/** In the place of a sender that a destination does not have: the plan holds no such item. */
export const NOTHING: Sender<unknown> = {
  itemsPerCall: 1,
  callsInFlight: Number.POSITIVE_INFINITY,
  maxCalls: 0,
  send: () => Promise.reject(new Error("The plan holds what the destination cannot do.")),
};
