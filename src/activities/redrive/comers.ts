import type { Destination } from "../../destinations/destination.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownClient } from "../../domain/pool.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import type { Db, Ledger } from "../../ledger/ledger.ts";
import { placedAmong } from "../../ledger/placed.ts";
import { itemsAmong, openKeysAfter } from "../../ledger/queue-questions.ts";
import { slicesAfter } from "../../ledger/slices.ts";
import { membershipOf } from "../../plan/keys.ts";
import { neededOrganizations } from "../../plan/placement.ts";
import { providersOf } from "../credentials/providers-of.ts";
import type { Deps } from "../deps.ts";
import type { PeopleOf } from "./asked-again.ts";

/** Of more people than these somebody comes: nobody is asked about one by one. */
const MANY = 12;
const SLICE = 5_000;

/**
 * Who comes to an organization that failed, now that it is tried again: people with an account, or whose import is tried
 * again as well. Providers and applications need theirs in any case.
 */
export function comersOf(deps: Deps, run: RunRef, file: Migration, destination: Destination): PeopleOf {
  const read = async () => ({
    placed: await placedOf(deps, run, file, destination),
    comers: await allComers(deps.ledger, run),
  });
  let known: ReturnType<typeof read> | undefined;
  return async ({ kind, key }) => {
    if (kind !== "organization") return null;
    known ??= read();
    const { placed, comers } = await known;
    const subs = comers.get(key) ?? [];
    return placed.has(key) || subs.length > MANY ? null : subs;
  };
}

async function placedOf(
  deps: Deps,
  run: RunRef,
  file: Migration,
  destination: Destination,
): Promise<Set<string>> {
  const { providers } = await providersOf(deps, run);
  const clients = await deps.ledger.read((db) =>
    readConfiguration<KnownClient>(db, run.migrationId, "client"),
  );
  return new Set(neededOrganizations(file, { providers, clients }, destination));
}

/** By organization, some more than `MANY` at most. */
async function allComers(ledger: Ledger, run: RunRef): Promise<Map<string, string[]>> {
  const comers = new Map<string, string[]>();
  const slices = slicesAfter(
    0,
    ({ ordinal }: { ordinal: number }) => ordinal,
    (after) => ledger.read((db) => openKeysAfter(db, run, "memberships", after, SLICE)),
  );
  for await (const slice of slices) {
    const memberships = slice.map(({ key }) => membershipOf(key));
    const coming = await ledger.read((db) => comingAmong(db, run, memberships));
    for (const { sub, organization } of memberships) {
      const subs = comers.get(organization) ?? [];
      if (coming.has(sub) && subs.length <= MANY) comers.set(organization, [...subs, sub]);
    }
  }
  return comers;
}

async function comingAmong(
  db: Db,
  run: RunRef,
  memberships: readonly { sub: string }[],
): Promise<Set<string>> {
  const subs = [...new Set(memberships.map(({ sub }) => sub))];
  const placed = await placedAmong(db, run.migrationId, "user", subs);
  const imports = await itemsAmong(db, run, "users", "user", subs);
  return new Set(
    subs.filter((sub) => {
      const state = placed.get(sub)?.state;
      return state === "standing" || (state !== "removed" && isOpen(imports.get(sub)?.state));
    }),
  );
}

function isOpen(state: string | undefined): boolean {
  return state === "pending" || state === "sending";
}
