import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundMember, FoundOrganization, FoundRole } from "../../src/destinations/structure.ts";
import type { PlacedKind } from "../../src/domain/books.ts";
import type {
  DestinationUser,
  OrganizationRecord,
  PlannedMembership,
  RoleRecord,
} from "../../src/domain/records.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { type Placed, placedAfter, standingIds } from "../../src/ledger/placed.ts";
import { lastPlannedAmong } from "../../src/ledger/planned-objects.ts";
import { slicesAfter } from "../../src/ledger/slices.ts";
import { sourceUsersBySub } from "../../src/ledger/source-users.ts";
import { membershipOf } from "../../src/plan/keys.ts";
import { toRecord } from "../../src/plan/record.ts";
import { RUN } from "./fill.ts";
import { FILE } from "./people.ts";

/** What a destination would list after that run, written into files, page by page: reading it costs next to nothing. */

const PAGE_SIZE = 100;
const SLICE = 10 * PAGE_SIZE;
/** Of people one in so many differs, is gone, or has come beside them. */
const DIFFERS_EVERY = 1_000;
const GONE_EVERY = 20_000;
const STRANGER_EVERY = 10_000;

/** Where a page is in its file: offset and length. */
type Place = readonly [number, number];

export interface Listing {
  users: Place[];
  /** By the destination's id of the organization. */
  members: Record<string, Place[]>;
  organizations: FoundOrganization[];
  roles: FoundRole[];
}

export const LISTING_FILES = { users: "users.jsonl", members: "members.jsonl", index: "listing.json" };

export async function writeListing(ledger: Ledger, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const structure = await structureOf(ledger);
  const idsOf = new Map(structure.organizations.map(({ externalId, id }) => [externalId ?? "", id]));
  const users = await writePages(join(folder, LISTING_FILES.users), (add) => addUsers(ledger, add));
  const members: Record<string, Place[]> = {};
  const byOrganization = await membersOf(ledger);
  await writePages(join(folder, LISTING_FILES.members), async (add) => {
    for (const [organization, own] of byOrganization)
      members[idsOf.get(organization) ?? ""] = await addAll(own, add);
  });
  // Destinations list the newest first.
  const listing: Listing = { users: users.toReversed(), members, ...structure };
  await writeFile(join(folder, LISTING_FILES.index), JSON.stringify(listing));
}

async function addAll(rows: readonly object[], add: Add): Promise<Place[]> {
  const places: Place[] = [];
  for (let from = 0; from < rows.length; from += PAGE_SIZE)
    places.push(await add(rows.slice(from, from + PAGE_SIZE)));
  return places;
}

type Add = (page: readonly object[]) => Promise<Place>;

async function writePages(path: string, fill: (add: Add) => Promise<void>): Promise<Place[]> {
  await using file: FileHandle = await open(path, "w");
  const places: Place[] = [];
  let at = 0;
  await fill(async (page) => {
    const bytes = Buffer.from(JSON.stringify(page));
    await file.write(bytes);
    const place: Place = [at, bytes.length];
    at += bytes.length;
    places.push(place);
    return place;
  });
  return places;
}

function allPlaced(ledger: Ledger, kind: PlacedKind): AsyncGenerator<readonly Placed[]> {
  return slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => ledger.read((db) => placedAfter(db, RUN.migrationId, kind, after, SLICE)),
  );
}

async function addUsers(ledger: Ledger, add: Add): Promise<void> {
  let index = 0;
  let page: DestinationUser[] = [];
  for await (const slice of allPlaced(ledger, "user")) {
    const sources = await ledger.read((db) =>
      sourceUsersBySub(
        db,
        RUN.migrationId,
        slice.map(({ key }) => key),
      ),
    );
    for (const { key, destinationId } of slice) {
      index += 1;
      if (index % GONE_EVERY === 0) continue;
      const attributes = JSON.parse(sources.get(key)?.attributes ?? "{}") as Record<string, string>;
      const record = toRecord(key, attributes, FILE.attributes);
      const lastName = index % DIFFERS_EVERY === 0 ? "Changed" : record.lastName;
      page.push({ ...record, lastName, id: destinationId ?? "", createdAtMs: 0, changedAtMs: 0 });
      if (index % STRANGER_EVERY === 0)
        page.push({ ...record, id: `stranger_${index}`, externalId: null, createdAtMs: 0, changedAtMs: 0 });
      if (page.length >= PAGE_SIZE) {
        await add(page);
        page = [];
      }
    }
  }
  await add(page);
}

async function membersOf(ledger: Ledger): Promise<Map<string, FoundMember[]>> {
  const members = new Map<string, FoundMember[]>();
  for await (const slice of allPlaced(ledger, "membership")) {
    const keys = slice.map(({ key }) => key);
    const subs = keys.map((key) => membershipOf(key).sub);
    const planned = await ledger.read((db) => lastPlannedAmong(db, RUN.migrationId, "membership", keys));
    const accounts = await ledger.read((db) => standingIds(db, RUN.migrationId, "user", subs));
    for (const key of keys) {
      const { sub, organization } = membershipOf(key);
      const { roles } = JSON.parse(planned.get(key) ?? "{}") as PlannedMembership;
      const own = members.get(organization) ?? [];
      own.push({ userId: accounts.get(sub) ?? "", userExternalId: sub, status: "active", roles });
      members.set(organization, own);
    }
  }
  return members;
}

async function structureOf(ledger: Ledger): Promise<Pick<Listing, "organizations" | "roles">> {
  const organizations: FoundOrganization[] = [];
  for await (const [data, id] of plannedAndPlaced<OrganizationRecord>(ledger, "organization"))
    organizations.push({
      id,
      externalId: data.externalId,
      name: data.name,
      verifiedDomains: data.verifiedDomains,
    });
  const roles: FoundRole[] = [];
  for await (const [{ slug, ...data }] of plannedAndPlaced<RoleRecord>(ledger, "role"))
    roles.push({ ...data, id: slug });
  return { organizations, roles };
}

async function* plannedAndPlaced<Data>(
  ledger: Ledger,
  kind: "organization" | "role",
): AsyncGenerator<[Data, string]> {
  for await (const slice of allPlaced(ledger, kind)) {
    const keys = slice.map(({ key }) => key);
    const planned = await ledger.read((db) => lastPlannedAmong(db, RUN.migrationId, kind, keys));
    // Written by the plan only.
    for (const { key, destinationId } of slice)
      yield [JSON.parse(planned.get(key) ?? "{}") as Data, destinationId ?? ""];
  }
}
