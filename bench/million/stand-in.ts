import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Destination, FoundPage } from "../../src/destinations/destination.ts";
import type { FoundMember } from "../../src/destinations/structure.ts";
import type { DestinationUser } from "../../src/domain/records.ts";
import { LISTING_FILES, type Listing } from "./listing.ts";

const PAGE_SIZE = 100;

/** A destination that lists out of files, and what that took. Whoever is not listed is not there. */
export class StandIn implements Disposable {
  readonly destination: Destination;
  readonly took = { listingMs: 0, listingCpuMs: 0 };
  readonly #listing: Listing;
  readonly #users: number;
  readonly #members: number;

  constructor(real: Destination, folder: string) {
    // Written by writeListing.
    this.#listing = JSON.parse(readFileSync(join(folder, LISTING_FILES.index), "utf8")) as Listing;
    this.#users = openSync(join(folder, LISTING_FILES.users), "r");
    this.#members = openSync(join(folder, LISTING_FILES.members), "r");
    const { organizations, roles, users, members } = this.#listing;
    const nobody = async <T>(): Promise<Answer<T | null>> => ({ ok: true, value: null });
    this.destination = {
      ...real,
      users: {
        ...real.users,
        list: async (cursor) => {
          const { found, ...page } = this.#page<DestinationUser>(this.#users, users, cursor);
          return { ok: true, value: { ...page, users: found } };
        },
        find: nobody,
        findById: nobody,
      } as Destination["users"],
      organizations: { ...real.organizations, holdings: { list: listOf(organizations), find: nobody } },
      roles: { ...real.roles, holdings: { list: listOf(roles), find: nobody } },
      memberships: {
        ...real.memberships,
        list: async (organizationId, cursor) => {
          const { found, ...page } = this.#page<FoundMember>(
            this.#members,
            members[organizationId] ?? [],
            cursor,
          );
          return { ok: true, value: { ...page, members: found } };
        },
        find: nobody,
      },
    };
  }

  #page<Found>(file: number, places: Listing["users"], cursor: string | null): FoundPage<Found> {
    const beganAtMs = performance.now();
    const before = process.threadCpuUsage();
    const at = Number(cursor ?? 0);
    const [offset, length] = places[at] ?? [0, 0];
    const bytes = Buffer.allocUnsafe(length);
    readSync(file, bytes, 0, length, offset);
    const found = length === 0 ? [] : (JSON.parse(bytes.toString()) as Found[]);
    const { user, system } = process.threadCpuUsage(before);
    this.took.listingMs += performance.now() - beganAtMs;
    this.took.listingCpuMs += (user + system) / 1_000;
    return { found, unreadable: [], nextCursor: at + 1 < places.length ? String(at + 1) : null };
  }

  [Symbol.dispose](): void {
    closeSync(this.#users);
    closeSync(this.#members);
  }
}

function listOf<Found>(all: readonly Found[]) {
  return async (cursor: string | null): Promise<Answer<FoundPage<Found>>> => {
    const from = Number(cursor ?? 0);
    const to = from + PAGE_SIZE;
    const nextCursor = to < all.length ? String(to) : null;
    return { ok: true, value: { found: all.slice(from, to), unreadable: [], nextCursor } };
  };
}
