import type { Call, Item, Outcome, Sender } from "./sending.ts";

/** A sender of things of several kinds, each of which another sender brings: it takes one at a time. */
export function oneACall<Record>(options: {
  callsInFlight: number;
  maxCalls: number;
  send: (item: Item<Record>, call: Call) => Promise<Outcome>;
}): Sender<Record> {
  const { callsInFlight, maxCalls, send } = options;
  return {
    itemsPerCall: 1,
    callsInFlight,
    maxCalls,
    async send(items, call) {
      const outcomes: Outcome[] = [];
      for (const item of items) outcomes.push(await send(item, callOf(item, call)));
      return outcomes;
    },
  };
}

/** The sender of its kind gets an item of its own making: what it writes is this one. */
function callOf(item: Item<unknown>, call: Call): Call {
  return {
    signal: call.signal,
    nowMs: () => call.nowMs(),
    read: () => call.read(),
    write: () => call.write([item]),
  };
}
