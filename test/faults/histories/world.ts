/** What stands at the destination, and what a migration has to remember of it. */

export type Fields = Record<string, string | boolean | null>;

export interface Account {
  /** By which the model knows it. */
  n: number;
  key: string | null;
  fields: Fields;
  isSignedIn: boolean;
  /** Roles by organization. */
  members: Record<string, string>;
  mails: number;
}

/** What a migration has to remember of somebody's account. */
export interface Entry {
  how: "created" | "adopted";
  state: "standing" | "removed";
  account: Account;
  written: Fields;
  before: Fields;
  members: Record<string, { roles: string; state: "standing" | "removed" }>;
}

export interface World {
  accounts: Account[];
  organizations: Set<string>;
  book: Map<string, Entry>;
  mailed: Set<string>;
  /** What the newest reading of the pool said of everybody whom one has listed. */
  listed: Map<string, { email: string; verified: boolean }>;
  made: number;
}

/** What the file says. */
export interface Rules {
  dryRun: boolean;
  only: readonly string[] | null;
  mails: boolean;
  disabledLater: "report" | "removeMemberships" | "delete";
  deletedLater: "report" | "delete";
  changedThere: "keep" | "overwrite";
  onExisting: "skip" | "adopt";
  readdress: readonly string[];
  /** The metadata key of the plan. */
  planKey: string;
  organizations: "none" | "attribute" | "fixed";
  /** Whether groups are roles. */
  roles: boolean;
}

/** Of all, where they are "fixed". */
export const EVERYBODY = "everybody";

export const EMPTY: World = {
  accounts: [],
  organizations: new Set(),
  book: new Map(),
  mailed: new Set(),
  listed: new Map(),
  made: 0,
};
