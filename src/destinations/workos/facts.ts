import type { Facts } from "../facts.ts";

/** The largest page that WorkOS gives (OpenAPI 0.61). */
export const PAGE_SIZE = 100;

export const facts: Facts = {
  takes: { organizations: true, roles: true, applications: true, resets: true },
  slots: {
    read: ["reads", "calls"],
    write: ["writes", "calls"],
    mail: ["resets", "writes", "calls"],
  },
  // WorkOS docs, "Rate limits": 500 writes and 1,000 reads in 10 seconds, 6,000 calls in 60; about one reset a second.
  pace: { writesPerSecond: 45, readsPerSecond: 90, callsPerSecond: 95, resetsPerSecond: 1 },
  callsInFlight: 64,
  usersPerPage: PAGE_SIZE,
  // WorkOS names no time: ours, and generous.
  lookUpLagMs: 60_000,
  keeps: { clientId: false, clientSecret: false },
  resets: {
    // WorkOS docs, "Rate limits": 3 resets in 60 seconds for an address.
    perAddressAMinute: 3,
    // WorkOS docs, "Events API": events are listed for 30 days. Their lag is ours, and generous.
    record: { lagMs: 60_000, keptMs: 29 * 24 * 60 * 60_000 },
  },
  // It asks nobody about a password: the bridge sets it.
  signInContracts: ["sign-in"],
};
