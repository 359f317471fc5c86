import { z } from "zod";
import type { Answer, Rules, Users, Vendor } from "../../../src/destinations/destination.ts";
import type { Facts } from "../../../src/destinations/facts.ts";
import { COGNITO_ADDRESSES } from "../../../src/destinations/hand-over.ts";
import { UNTAKEN } from "../../../src/destinations/untaken.ts";
import type { DestinationUser } from "../../../src/domain/records.ts";
import { webUrl } from "../../../src/domain/web-url.ts";
import { type Answered, CALL_TIMEOUT_MS, ManyClient } from "./client.ts";
import { BULK, PARTIAL, PEOPLE_PER_PAGE } from "./double.ts";
import type { Standing } from "./people.ts";
import { bulkSender, partialSender } from "./senders.ts";

/** Two small destinations, which take many people a call and nothing else. */

interface ManySettings {
  url: string;
}

const facts: Facts = {
  takes: { organizations: false, roles: false, applications: false, resets: false },
  slots: { read: ["reads", "calls"], write: ["writes", "calls"], mail: ["resets", "writes", "calls"] },
  pace: { writesPerSecond: 100, readsPerSecond: 200, callsPerSecond: 250, resetsPerSecond: 1 },
  callsInFlight: BULK.callsInFlight,
  usersPerPage: BULK.itemsPerCall,
  lookUpLagMs: 0,
  keeps: { clientId: false, clientSecret: false },
  resets: { perAddressAMinute: 0, record: null },
  signInContracts: [],
};

/** All or nothing, 10,000 a call, one call in flight; lists nobody. */
export const bulk = vendorOf("bulk", facts, (client) => ({
  ...bulkSender(client),
  ...lookUps(client),
  findMany: async (keys) => {
    const found = await client.find(keys);
    return answerOf(found, (people) => ({ users: people.map(userOf), unreadable: [] }));
  },
}));

/** Partly inside of a 200, 100 a call, four calls in flight; lists everybody. */
export const partial = vendorOf(
  "partial",
  { ...facts, callsInFlight: PARTIAL.callsInFlight, usersPerPage: PEOPLE_PER_PAGE },
  (client) => ({
    ...partialSender(client),
    ...lookUps(client),
    list: async (cursor) =>
      answerOf(await client.list(cursor), ({ people, next }) => ({
        users: people.map(userOf),
        unreadable: [],
        nextCursor: next,
      })),
  }),
);

function vendorOf(kind: string, own: Facts, usersOf: (client: ManyClient) => Users): Vendor<ManySettings> {
  const rules = rulesOf(own);
  const name = `${kind.toUpperCase()}_URL`;
  return {
    kind,
    name: kind,
    environmentIs: "address",
    settings: {
      shape: { [name]: webUrl.optional() },
      read(values) {
        const url = z.string().optional().parse(values[name]);
        return url === undefined
          ? { ok: false, sentence: `The setting ${name} is missing.` }
          : { ok: true, value: { url } };
      },
      environmentOf: ({ url }) => new URL(url).host,
      isLive: () => false,
      access: name,
      refusals: {},
      address: name,
    },
    facts: own,
    rules,
    handOver: {
      addressSets: () => [
        {
          title: kind,
          use: "For nobody.",
          successors: Object.fromEntries(
            COGNITO_ADDRESSES.map((address) => [address, { address: null }]),
          ) as Record<(typeof COGNITO_ADDRESSES)[number], { address: null }>,
        },
      ],
      triggers: {},
      settings: [],
      mfa: "",
    },
    connect({ url }) {
      const client = new ManyClient(url);
      return {
        ...rules,
        ...UNTAKEN,
        kind,
        environment: new URL(url).host,
        callTimeoutMs: CALL_TIMEOUT_MS,
        users: usersOf(client),
        checkAccess: async () => answerOf(await client.find(["nobody"]), () => null),
      };
    },
  };
}

function rulesOf(own: Facts): Rules {
  return {
    facts: own,
    counterpartOf: () => ({ kind: "none", instead: "They sign in by e-mail." }),
    recordProblems: () => [],
    organizationProblems: () => [],
    roleProblems: () => [],
    mappingProblems: () => [],
    refusesEmail: () => false,
  };
}

function lookUps(client: ManyClient): Pick<Users, "find"> {
  return {
    find: async (key) =>
      answerOf(await client.find([key]), ([person]) => (person === undefined ? null : userOf(person))),
  };
}

function answerOf<T, U>(answered: Answered<T>, take: (value: T) => U): Answer<U> {
  switch (answered.kind) {
    case "answered":
      return { ok: true, value: take(answered.value) };
    case "slow_down":
      return { ok: false, problem: "slow_down", retryAfterMs: answered.retryAfterMs };
    case "unknown":
      return { ok: false, problem: "unavailable", code: answered.code };
    case "refused":
      return { ok: false, problem: "refused", code: answered.refusal.code };
  }
}

function userOf({ key, verified, notes, madeAtMs, ...same }: Standing): DestinationUser {
  return {
    ...same,
    externalId: key,
    emailVerified: verified,
    metadata: notes,
    createdAtMs: madeAtMs,
    changedAtMs: madeAtMs,
  };
}
