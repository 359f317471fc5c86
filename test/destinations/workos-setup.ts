import { onTestFinished } from "vitest";
import type { Answer, Destination, UserItem, UserPage } from "../../src/destinations/destination.ts";
import { type Call, type Item, type Outcome, type Sender, sendOne } from "../../src/destinations/sending.ts";
import { workos } from "../../src/destinations/workos/index.ts";
import type { DestinationUser, UserRecord } from "../../src/domain/records.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";

/** What the ledger knows of earlier tries. */
export type Tries = Pick<Item<unknown>, "firstClaimedAtMs" | "lastTriedAtMs" | "inDoubt">;

export interface ImportRequest extends Tries, Omit<UserItem, "user"> {
  record: UserRecord;
}

export interface Setup {
  double: WorkosDouble;
  workos: Destination;
  /** Imports with the defaults of a first try. */
  importOne: (request?: Partial<ImportRequest>) => Promise<Outcome>;
  /** Sends one item; a first try unless `tries` says otherwise. */
  send: <Record>(sender: Sender<Record>, record: Record, tries?: Partial<Tries>) => Promise<Outcome>;
  /** The verbs that senders asked for, in order. */
  verbs: string[];
  /** How much later the ledger's clock is than this machine's. */
  ledgerClock: { aheadMs: number };
  /** What arrived at the double, in order, such as "createUser 201". */
  calls: () => string[];
}

/** The adapter against a double of its own; both end with the test. */
export async function setUp(options: GivenOptions = {}, callTimeoutMs?: number): Promise<Setup> {
  const double = await startWorkosDouble({ options });
  onTestFinished(() => double.close());
  const destination = connect(double, callTimeoutMs);
  const verbs: string[] = [];
  const ledgerClock = { aheadMs: 0 };
  const call: Call = {
    write: async () => void verbs.push("write"),
    read: async () => void verbs.push("read"),
    signal: new AbortController().signal,
    nowMs: () => Date.now() + ledgerClock.aheadMs,
  };
  const send: Setup["send"] = (sender, record, tries) => sendOne(sender, itemOf(record, tries), call);
  return {
    double,
    workos: destination,
    verbs,
    ledgerClock,
    send,
    importOne: (request = {}) => {
      const { record: user, onExisting, beforeAdopt, ...tries } = requestOf(request);
      return send(destination.users, { user, onExisting, beforeAdopt }, tries);
    },
    calls: () => double.journal.entries.map(({ operation, status }) => `${operation} ${status}`),
  };
}

/** The double's environment. */
export function connect(
  { key, clientId, url }: Pick<WorkosDouble, "key" | "clientId" | "url">,
  callTimeoutMs?: number,
): Destination {
  return workos.connect({ apiKey: key, clientId, apiUrl: url }, callTimeoutMs);
}

export function itemOf<Record>(record: Record, tries: Partial<Tries> = {}): Item<Record> {
  const nowMs = Date.now();
  const first = { firstClaimedAtMs: nowMs, lastTriedAtMs: nowMs, inDoubt: false };
  return { key: "item", record, ...first, ...tries };
}

/** Lets every call go. */
export const AT_ONCE: Call = {
  write: async () => {},
  read: async () => {},
  signal: new AbortController().signal,
  nowMs: () => Date.now(),
};

export function requestOf(request: Partial<ImportRequest> = {}): ImportRequest {
  return {
    record: recordOf(),
    firstClaimedAtMs: Date.now(),
    lastTriedAtMs: Date.now(),
    inDoubt: false,
    onExisting: "skip",
    beforeAdopt: noImage,
    ...request,
  };
}

const noImage = async (image: DestinationUser) => {
  throw new Error(`Nobody expected the adoption of ${image.id}.`);
};

export function recordOf(fields: Partial<UserRecord> = {}): UserRecord {
  return {
    externalId: "0b4d1a52-9f0c-4f6e-8a53-6f0c5d3c1e11",
    email: "ada@example.com",
    emailVerified: true,
    firstName: "Ada",
    lastName: "Lovelace",
    metadata: { plan: "gold" },
    ...fields,
  };
}

export const LONG_AGO = "2020-01-01T00:00:00.000Z";

export function listUsers({ users }: Destination, cursor: string | null): Promise<Answer<UserPage>> {
  if (users.list === undefined) throw new Error("WorkOS lists its users.");
  return users.list(cursor);
}
