import type { PlacedKind } from "./books.ts";

/** What an undo is about, in the order in which people ask. */
export const UNDO_KINDS: Readonly<Record<PlacedKind, string>> = {
  user: "people",
  membership: "memberships",
  organization: "organizations",
  role: "roles",
  connection: "connections",
  redirect_uri: "redirect URIs",
  application: "applications",
};

/** Why something stays. */
export const UNDO_REASONS: Readonly<Record<string, string>> = {
  was_there_before: "there before this migration",
  unknown_to_ledger: "made by a run that this ledger does not know of, or by somebody else with its key",
  no_removal: "the destination has no delete for these",
  no_restore: "the destination cannot change these back",
  before_purged: "how they were before was purged",
  signed_in_since: "signed in since",
  sign_ins_unknown: "the destination does not tell who signed in",
  external_id_changed: "somebody gave the account another key",
  not_made_here: "older than this migration",
  organization_in_use: "others are in them",
  account_kept: "of people who stay",
  default_redirect_uri: "the environment's default, which cannot be deleted",
  removed_at_destination: "gone already",
};
