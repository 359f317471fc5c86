import { z } from "zod";
import { type BulkAnswer, bisect } from "../../../src/destinations/bisect.ts";
import type { UserItem } from "../../../src/destinations/destination.ts";
import type { Call, Item, Outcome, Sender } from "../../../src/destinations/sending.ts";
import { type ManyClient, unclear } from "./client.ts";
import { BULK, PARTIAL } from "./double.ts";
import type { Person } from "./people.ts";

/** Enough to take a call of 10,000 apart down to one person, again and again. */
const MAX_BISECT_CALLS = 200;
const DUPLICATE = "duplicate_key";

/** What of an item the senders look at. */
type Sent = Pick<UserItem, "user">;

const idsSchema = z.object({ ids: z.array(z.string()) });
const resultsSchema = z.object({
  results: z.array(
    z.discriminatedUnion("status", [
      z.object({ key: z.string(), status: z.literal("made"), id: z.string() }),
      z.object({ key: z.string(), status: z.literal("refused"), code: z.string(), message: z.string() }),
      z.object({ key: z.string(), status: z.literal("trouble") }),
    ]),
  ),
});

/** All or nothing, one call in flight. */
export function bulkSender(client: ManyClient): Sender<Sent> {
  const sendAll = async (items: readonly Item<Sent>[]): Promise<BulkAnswer> => {
    const answer = await client.importAll(items.map(personOf), idsSchema);
    switch (answer.kind) {
      case "answered":
        return { kind: "accepted", destinationIds: answer.value.ids };
      case "refused": {
        const { code, message, refused } = answer.refusal;
        return { kind: "refused", code, message, named: new Map(refused.map((one) => [one.key, one])) };
      }
      default:
        return answer;
    }
  };
  return {
    ...BULK,
    maxCalls: MAX_BISECT_CALLS + 2,
    send: (items, call) =>
      lookedUp(client, items, call, (absent) =>
        bisect(absent, { call, sendAll, maxCalls: MAX_BISECT_CALLS }),
      ),
  };
}

/** Partial failures inside of a 200, four calls in flight. */
export function partialSender(client: ManyClient): Sender<Sent> {
  const sendSome = async (items: readonly Item<Sent>[], call: Call): Promise<Outcome[]> => {
    await call.write(items);
    const answer = await client.importAll(items.map(personOf), resultsSchema);
    if (answer.kind === "refused") throw new Error(`The double refuses the call: ${answer.refusal.message}`);
    if (answer.kind !== "answered") return items.map(() => answer);
    const results = new Map(answer.value.results.map((result) => [result.key, result]));
    return items.map(({ key }): Outcome => {
      const result = results.get(key);
      if (result === undefined || result.status === "trouble") return unclear("trouble");
      if (result.status === "made") return { kind: "created", destinationId: result.id };
      return { kind: "rejected", code: result.code, message: result.message };
    });
  };
  return {
    ...PARTIAL,
    maxCalls: 3,
    send: (items, call) => lookedUp(client, items, call, (absent) => sendSome(absent, call)),
  };
}

/** Looks up what is in doubt, sends the rest, and looks up what is said to be there already. */
async function lookedUp(
  client: ManyClient,
  items: readonly Item<Sent>[],
  call: Call,
  send: (absent: readonly Item<Sent>[]) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>();
  const doubtful = items.filter(({ inDoubt }) => inDoubt);
  if (doubtful.length > 0) await findAll(client, doubtful, call, outcomes);
  const absent = items.filter(({ key }) => !outcomes.has(key));
  if (absent.length > 0)
    for (const [index, outcome] of (await send(absent)).entries()) {
      const item = absent[index];
      if (item !== undefined) outcomes.set(item.key, outcome);
    }
  const doubled = items.filter(({ key }) => {
    const outcome = outcomes.get(key);
    return outcome?.kind === "rejected" && outcome.code === DUPLICATE;
  });
  if (doubled.length > 0) await findAll(client, doubled, call, outcomes);
  return items.map(({ key }) => outcomes.get(key) ?? unclear("no_outcome"));
}

/** Whoever has our key is ours; a look-up without an answer leaves all of them unclear. */
async function findAll(
  client: ManyClient,
  items: readonly Item<Sent>[],
  call: Call,
  outcomes: Map<string, Outcome>,
): Promise<void> {
  await call.read();
  const found = await client.find(items.map(({ key }) => key));
  if (found.kind === "answered")
    for (const { key, id } of found.value) outcomes.set(key, { kind: "created", destinationId: id });
  else for (const { key } of items) outcomes.set(key, unclear("look_up"));
}

function personOf({ record: { user } }: Item<Sent>): Person {
  const { externalId: key, email, emailVerified: verified, firstName, lastName, metadata: notes } = user;
  return { key, email, verified, firstName, lastName, notes: { ...notes } };
}
