import { onTestFinished } from "vitest";
import type {
  Destination,
  DestinationUser,
  ImportOutcome,
  ImportRequest,
  UserRecord,
} from "../../src/destinations/destination.ts";
import type { Attempt } from "../../src/destinations/sending.ts";
import { createWorkos } from "../../src/destinations/workos/workos.ts";
import type { CallKind } from "../../src/migration.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";

export interface Setup {
  double: WorkosDouble;
  workos: Destination;
  /** Imports with the defaults of a first try. */
  importOne: (request?: Partial<ImportRequest>) => Promise<ImportOutcome>;
  /** A first try of something other than a user. */
  attempt: (fields?: Partial<Attempt>) => Attempt;
  /** The kinds asked of `waitForSlot`, in order. */
  slots: string[];
  /** What arrived at the double, in order, such as "createUser 201". */
  calls: () => string[];
}

/** The adapter against a double of its own; both end with the test. */
export async function setUp(options: GivenOptions = {}, callTimeoutMs?: number): Promise<Setup> {
  const double = await startWorkosDouble({ options });
  onTestFinished(() => double.close());
  const settings = { apiKey: double.key, clientId: double.clientId, apiUrl: double.url };
  const workos = createWorkos(settings, callTimeoutMs);
  const slots: string[] = [];
  const waitForSlot = async (kinds: readonly CallKind[]) => {
    slots.push(kinds.join("+"));
  };
  return {
    double,
    workos,
    slots,
    importOne: (request = {}) =>
      workos.importUser(requestOf(request), waitForSlot, new AbortController().signal),
    attempt: (fields = {}) => ({
      firstClaimedAtMs: Date.now(),
      inDoubt: false,
      waitForSlot,
      signal: new AbortController().signal,
      ...fields,
    }),
    calls: () => double.journal.entries.map(({ operation, status }) => `${operation} ${status}`),
  };
}

export function requestOf(request: Partial<ImportRequest> = {}): ImportRequest {
  return {
    record: recordOf(),
    firstClaimedAtMs: Date.now(),
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
