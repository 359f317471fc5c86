import type { Keyed } from "./keyed-slices.ts";
import type { Database } from "./schema.ts";

/** Where the ledger keeps what is known of people, table by table, and what a purge leaves of it. */

/** What is counted when it goes. */
export const PERSONAL_DATA = [
  "people",
  "identities",
  "groupMembers",
  "fingerprints",
  "beforeImages",
  "looks",
  "bridgeAddresses",
  "tries",
  "messages",
  "findings",
  "errors",
  "positions",
] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

export interface Part extends Keyed {
  /** Which column of the key tells rows of one slice apart: those before it are the same for many. */
  listed: string;
  /** Which of them hold something to remove. */
  holds: string;
  /** In SQL, what takes the place of each column that is changed; null where the whole row goes. */
  set: Readonly<Record<string, string>> | null;
}

export interface PersonalPart extends Part {
  what: PersonalData;
  /** Also what is of no migration that anybody knows: it may be of this one. */
  alsoOfNone?: true;
}

/** Whether a purge left no more of somebody than their `sub` and states. Cognito lists nobody without a user name. */
export function isPurgedPerson({ username }: { username: string }): boolean {
  return username === "";
}

const ALL = { holds: "true", set: null } as const;

function of(table: Part["table"], key: readonly string[], listed = key.at(-1) ?? "") {
  return { table, key, listed };
}

/** Rows of people whom Cognito lists without a `sub`: what they are called here is a digest of their user name. */
const WITHOUT_SUB = "sub >= 'nosub:' and sub < 'nosub;'";

/**
 * A fingerprint goes as well: whoever guesses an address can tell by its hash that they guessed right. What stays of a
 * person are ids, states and times of calls: their outcome, their account, and that they were mailed.
 */
export const PERSONAL_PARTS: readonly PersonalPart[] = [
  { what: "people", ...of("source_users", ["sub"]), holds: WITHOUT_SUB, set: null },
  {
    ...{ what: "people", ...of("source_users", ["sub"]) },
    holds: "(username <> '' or attributes <> '{}' or email is not null or created_at_ms <> 0)",
    set: {
      ...{ username: "''", attributes: "'{}'", email: "null", cluster_key: "'sub:' || sub" },
      ...{ created_at_ms: "0", modified_at_ms: "0" },
    },
  },
  { what: "identities", ...of("identities", ["sub", "provider", "user_id"], "sub"), ...ALL },
  { what: "groupMembers", ...of("group_members", ["sub", "group_name"], "sub"), ...ALL },
  { what: "fingerprints", ...of("plan", ["sub"]), holds: WITHOUT_SUB, set: null },
  {
    ...{ what: "fingerprints", ...of("plan", ["sub"]) },
    ...{ holds: "fingerprint is not null", set: { fingerprint: "null" } },
  },
  {
    ...{ what: "fingerprints", ...of("placed", ["key"]), kind: "user" },
    ...{ holds: "fingerprint is not null", set: { fingerprint: "null" } },
  },
  {
    ...{ what: "beforeImages", ...of("placed", ["key"]), kind: "user" },
    ...{ holds: "before_image is not null", set: { before_image: "null" } },
  },
  { what: "looks", ...of("looks", ["sub"]), ...ALL },
  { what: "bridgeAddresses", ...of("bridge_accounts", ["sub"]), ...ALL },
  {
    ...{ what: "messages", ...of("work_items", ["generation", "phase", "ordinal"]) },
    ...{ holds: "message is not null", set: { message: "null" } },
  },
  { what: "findings", ...of("findings", ["phase", "ordinal"]), ...ALL },
  { what: "errors", ...of("activity_failures", ["activity", "signature"]), ...ALL, alsoOfNone: true },
  // Of a walk through people's identities, or a page token that holds who knows what.
  {
    ...{ what: "positions", ...of("cursors", ["name"]) },
    ...{ holds: "position is not null", set: { position: "null" } },
  },
];

/** What a purge of the id map takes beside that: everything of the migration but that it was. */
export const ID_MAP_PARTS: readonly Part[] = [
  of("source_users", ["sub"]),
  of("plan", ["sub"]),
  of("planned_objects", ["kind", "key"]),
  of("placed", ["kind", "key"]),
  of("taken_back", ["kind", "key"]),
  of("differences", ["kind", "key", "difference", "field"], "key"),
  of("work_items", ["generation", "phase", "ordinal"]),
  of("phase_counts", ["generation", "phase", "state"]),
  of("mails", ["sub", "sender"], "sub"),
  of("bridge_moves", ["sub"]),
  of("bridge_proofs", ["sub"]),
  of("completed_resets", ["destination_id"]),
  of("reset_links", ["reset_id"]),
  of("unsent_links", ["reset_id"]),
  of("event_positions", ["kind"]),
  of("provider_checks", ["name"]),
  of("gate_answers", ["name"]),
  of("approved_mails", ["settings"]),
  of("configuration", ["kind", "name"]),
  of("cursors", ["name"]),
].map((table) => ({ ...table, ...ALL }));

/** Of `migrations`, what names people by their sub: it goes with the id map, and is in no slice. */
export const OF_MIGRATION = ["file", "file_in_force", "selecting_since"] as const;

/**
 * The tables of which a purge takes something, each with the columns whose values go; null where whole rows do. Counts of
 * the bridge are found by a digest, and in no slice either.
 */
export function purgedColumns(withIdMap: boolean): Map<keyof Database, readonly string[] | null> {
  const parts = [...PERSONAL_PARTS, ...(withIdMap ? ID_MAP_PARTS : [])];
  const columns = new Map<keyof Database, readonly string[] | null>();
  for (const { table, set } of parts) {
    const before = columns.get(table);
    const isWhole = set === null || before === null;
    columns.set(table, isWhole ? null : [...(before ?? []), ...Object.keys(set)]);
  }
  columns.set("bridge_limits", null);
  if (withIdMap) columns.set("migrations", OF_MIGRATION);
  return columns;
}
