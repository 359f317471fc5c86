import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { DestinationUser, KnowsRecords, KnowsStructure, UserRecord } from "../domain/records.ts";
import type { VendorSettings } from "../domain/vendor-settings.ts";
import type { UserChange } from "../plan/user-change.ts";
import type { Applications, Connections, RedirectUris } from "./credentials.ts";
import type { Facts } from "./facts.ts";
import type { HandOver } from "./hand-over.ts";
import type { ResetSender } from "./resets.ts";
import type { Sender } from "./sending.ts";
import type { SignInDestination } from "./sign-in.ts";
import type { Memberships, Organizations, Roles } from "./structure.ts";

/** Answers of the calls that send no item. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; problem: "slow_down"; retryAfterMs: number }
  | { ok: false; problem: "access_lost"; code: string }
  /** An outage: the same call may be answered later. */
  | { ok: false; problem: "unavailable"; code: string }
  /** Refused for good: the same call will be refused again. */
  | { ok: false; problem: "refused"; code: string }
  /** The cursor of a list leads nowhere (any more): the list has to be read from its start. */
  | { ok: false; problem: "dead_cursor"; code: string };

/** One person to be brought over, and what may happen where somebody has the address already. */
export interface UserItem {
  user: UserRecord;
  onExisting: "skip" | "adopt";
  /** Must have settled before an existing account is changed: keeps what stood there, so that undo can restore it. */
  beforeAdopt(image: DestinationUser): Promise<void>;
  /** Of an account that stood, and may have been removed since by an earlier run; absent of others. */
  earlier?: Pick<UserChange, "written" | "changedThere" | "ourChangeMs">;
}

/** Something that this migration made, or may have made, and that is to stand no more. */
export interface MadeThing {
  /** Null where nobody knows whether it stands. */
  destinationId: string | null;
}

/** An account that is to stand no more. */
export interface MadeAccount extends MadeThing {
  /** Asked of the account as it stands, right before: why it stays all the same; null where nothing is in the way. */
  whyKept: (account: DestinationUser) => Promise<string | null>;
}

/** An account that stood before it was adopted. */
export interface AdoptedAccount {
  destinationId: string;
  /** How it looked before. */
  before: DestinationUser;
  /** Of each field as last confirmed written; null where nothing is known. */
  written: string | null;
}

/** One page of a list. */
export interface FoundPage<Found> {
  found: Found[];
  /** Rows that cannot be read, by their id at the destination; "unknown" where not even that can be read. */
  unreadable: string[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

/** How a destination shows what it holds of a kind. Where it cannot, nobody verifies that kind. */
export interface Holdings<Found> {
  /** All that stand, whoever made them; absent where nothing in it would tell which are ours. */
  list?(cursor: string | null): Promise<Answer<FoundPage<Found>>>;
  /** By the destination's id, whatever else of it has changed; `beforeMore` lets a second call go, and each one after it. */
  find(id: string, beforeMore: () => Promise<void>): Promise<Answer<Found | null>>;
}

export interface UserPage {
  users: DestinationUser[];
  /** Rows that cannot be read, by their id at the destination; "unknown" where not even that can be read. */
  unreadable: string[];
  /** Where the next page starts; null at the end. */
  nextCursor: string | null;
}

export type Users = Sender<UserItem> & {
  /** By our key; null when it is not there. */
  find(externalId: string): Promise<Answer<DestinationUser | null>>;
  /** By its id, whatever its key is by now. Absent where no account's key can be given to another one. */
  findById?(id: string): Promise<Answer<DestinationUser | null>>;
  /** Changes accounts that stand; absent where a destination cannot. */
  readonly updates?: Sender<UserChange>;
  /** Deletes accounts that have our key, and whatever belongs to them; absent where a destination cannot. */
  readonly removals?: Sender<MadeAccount>;
  /** Takes our key and what we wrote out of adopted accounts; absent where a destination cannot. */
  readonly restores?: Sender<AdoptedAccount>;
} & (ListsUsers | FindsManyUsers);

interface ListsUsers {
  list(cursor: string | null): Promise<Answer<UserPage>>;
}

/** A destination that lists nobody. */
interface FindsManyUsers {
  list?: never;
  /** By our keys, at most `usersPerPage` of them; who is not there is not in the answer. */
  findMany(externalIds: readonly string[]): Promise<Answer<Pick<UserPage, "users" | "unreadable">>>;
}

/** What a destination would refuse, and what it has for each provider: known without a key, and nobody is called. */
export interface Rules extends KnowsRecords, KnowsStructure, KnowsCounterparts {
  readonly facts: Facts;
  /** Refused mapping targets (too many pairs, keys too long), before any user is looked at. */
  mappingProblems(metadataKeys: readonly string[]): string[];
  /** True if the destination would refuse this address. */
  refusesEmail(email: string): boolean;
}

/** One environment of a vendor: translates the vendor's errors at its own edge, and never tries anything twice. */
export interface Destination extends Rules {
  readonly kind: string;
  /** Which environment this is, for the ledger's identity of a migration. */
  readonly environment: string;
  /** No single call lasts longer. */
  readonly callTimeoutMs: number;
  readonly organizations: Organizations;
  readonly roles: Roles;
  readonly users: Users;
  readonly memberships: Memberships;
  readonly connections: Connections;
  /** Those that sign-ins may return to. */
  readonly redirectUris: RedirectUris;
  readonly applications: Applications;
  readonly resets: ResetSender;
  /** Proves address and key, and as far as the vendor tells, that the key belongs to the environment named. */
  checkAccess(): Promise<Answer<null>>;
}

/** Everything about one vendor, as one value. */
export interface Vendor<S> {
  /** As the migration file names it. */
  readonly kind: string;
  /** As people call it. */
  readonly name: string;
  /** What an environment is known by, for example "client id". */
  readonly environmentIs: string;
  readonly settings: VendorSettings<S>;
  readonly facts: Facts;
  readonly rules: Rules;
  readonly handOver: HandOver;
  /** Calls nobody. Throws when the address cannot be used. */
  connect(settings: S, callTimeoutMs?: number): Destination;
  /** Absent where no password can be moved over the bridge. */
  signIn?(settings: S, callTimeoutMs: number): SignInDestination;
}
