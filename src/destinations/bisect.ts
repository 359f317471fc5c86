import type { Call, Item, Outcome } from "./sending.ts";

/** What a destination says to a call that takes all of its items or none. Messages may hold personal data: ledger only. */
export type BulkAnswer =
  /** One id for each item, in their order. */
  | { kind: "accepted"; destinationIds: readonly string[] }
  /** Had no effect. `named`: the items at fault, by key, as far as the answer tells. */
  | { kind: "refused"; code: string; message: string; named: ReadonlyMap<string, Refusal> }
  | { kind: "unknown"; code: string; message: string; retryAfterMs: number }
  | { kind: "slow_down"; retryAfterMs: number }
  | { kind: "access_lost"; code: string };

export interface Refusal {
  code: string;
  message: string;
}

export interface BisectOptions<Record> {
  call: Call;
  /** One call, which takes all or none. */
  sendAll: (items: readonly Item<Record>[]) => Promise<BulkAnswer>;
  /** More than the items can be halved, so that every send settles something. */
  maxCalls: number;
}

/**
 * Takes an all-or-nothing answer apart: what it names is refused, and the rest sent again; where nothing is named, the
 * items are sent in halves. One outcome for each item, in their order.
 */
export async function bisect<Record>(
  items: readonly Item<Record>[],
  options: BisectOptions<Record>,
): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const groups = [items];
  for (let calls = 0; calls < options.maxCalls; calls += 1) {
    const group = groups.pop();
    if (group === undefined) break;
    const answer = await sendGroup(group, options);
    switch (answer.kind) {
      case "accepted":
        settleAll(outcomes, group, (index) => created(answer.destinationIds[index]));
        break;
      case "refused":
        // The last is sent first: one that is refused is reached before the calls are used up.
        groups.push(...takeApart(outcomes, group, answer));
        break;
      case "unknown":
        settleAll(outcomes, group, () => answer);
        break;
      default:
        // Meets whatever would be sent next.
        settleAll(outcomes, [...group, ...groups.splice(0).flat()], () => answer);
    }
  }
  return items.map(({ key }) => outcomes.get(key) ?? NOT_SENT);
}

const NOT_SENT: Outcome = { kind: "not_sent" };

/** A batch that stops lets no call go; what it refused so far had no effect, and what it accepted is kept. */
async function sendGroup<Record>(
  group: readonly Item<Record>[],
  { call, sendAll }: BisectOptions<Record>,
): Promise<BulkAnswer | { kind: "not_sent" }> {
  try {
    await call.write(group);
  } catch (error) {
    if (call.signal.aborted) return { kind: "not_sent" };
    throw error;
  }
  return sendAll(group);
}

/** Notes who is refused; returns what is to be sent again. */
function takeApart<Record>(
  outcomes: Map<string, Outcome>,
  group: readonly Item<Record>[],
  { code, message, named }: Extract<BulkAnswer, { kind: "refused" }>,
): (readonly Item<Record>[])[] {
  const rest = group.filter(({ key }) => !named.has(key));
  for (const { key } of group) {
    const refusal = named.get(key);
    if (refusal !== undefined) outcomes.set(key, { kind: "rejected", ...refusal });
  }
  if (rest.length < group.length) return rest.length === 0 ? [] : [rest];
  if (rest.length === 1) {
    settleAll(outcomes, rest, () => ({ kind: "rejected", code, message }));
    return [];
  }
  const half = Math.ceil(rest.length / 2);
  return [rest.slice(half), rest.slice(0, half)];
}

function settleAll<Record>(
  outcomes: Map<string, Outcome>,
  group: readonly Item<Record>[],
  outcomeOf: (index: number) => Outcome,
): void {
  for (const [index, { key }] of group.entries()) outcomes.set(key, outcomeOf(index));
}

function created(destinationId: string | undefined): Outcome {
  if (destinationId === undefined) throw new Error("A call was accepted with fewer ids than items.");
  return { kind: "created", destinationId };
}
