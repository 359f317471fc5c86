import { sql } from "kysely";

/** The predicate of the index `source_users_linked`, word for word: SQLite uses the index for no other wording. */
export const IS_LINKED = sql<boolean>`cluster_key <> email`;
