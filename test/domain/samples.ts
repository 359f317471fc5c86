import type { FindingCode, FindingParts } from "../../src/domain/findings.ts";

const COUNTED = { count: 3, examples: ["sub-1", "sub-2"] };
const STRANGERS = {
  key: "users.decisions",
  count: 7,
  strangers: [
    { position: 1, name: "SUB-1", hint: "other_case", sub: "sub-1" },
    { position: 2, name: "ada", hint: "username", sub: "sub-2" },
    { position: 3, name: null, hint: null, sub: null },
  ],
} as const;

/** What a finding of each kind may be made of. */
export const SAMPLES: { [Code in FindingCode]: FindingParts[Code] } = {
  pool_size: { poolId: "eu-west-1_Sample", estimatedUsers: 12 },
  user_migration_trigger: null,
  mfa: { mfa: "ON" },
  resets_drop_mfa: { mfa: "OPTIONAL" },
  not_taken: { key: "organizations", what: "organizations" },
  attribute_unknown: { attribute: "custom:team", instead: "custom:Team" },
  attribute_self_writable: { attribute: "custom:tenant", clients: ["web", "mobile"] },
  attribute_from_provider: { provider: "Corp", attribute: "custom:tenant" },
  group_unknown: { group: "bosses", key: "roles.groups", instead: null },
  group_prefix_unknown: { prefix: "team-" },
  groups_not_moved: { groups: 4 },
  role_slug_conflict: { slug: "editors", groups: ["editors", "Editors!"] },
  role_refused: { slug: "editors", group: "Editors", problem: "its slug is longer than 48 characters" },
  role_unknown: { slug: "admin", instead: "Admin" },
  organization_refused: { problem: "its name is empty", organizations: ["a", "b"], count: 9 },
  organization_unknown: { organization: "ACME", instead: "acme" },
  organization_twins: { organizations: ["Acme", "acme", "ACME"] },
  provider_unknown: { provider: "Gogle", instead: null },
  provider_without_counterpart: {
    provider: "Facebook",
    type: "Facebook",
    instead: "They sign in by e-mail.",
  },
  provider_without_organization: { provider: "Corp", type: "OIDC" },
  client_unknown: { client: "abc", instead: null },
  client_without_counterpart: { client: "abc", name: "web" },
  client_without_organization: { client: "abc", name: "nightly" },
  implicit_flow: { client: "abc", name: "old-app" },
  provider_gone: { provider: "Google" },
  provider_not_verified: { provider: "Google", advice: "Set it up." },
  credentials_failed: { key: "organization:acme", code: null },
  ledger_unusable: { sentence: "The ledger cannot be written; check its permissions." },
  secret_store: { sentence: "There is no folder for the secrets; make it." },
  mail_sink: { sentence: "The mail server does not answer; check SPILLWAY_MAIL." },
  own_mails: { place: "the mail server smtp.example.com:587" },
  live_key: null,
  temporal_unreachable: { address: "localhost:7233" },
  search_attributes_missing: { command: "./temporal operator search-attribute create" },
  group_gone: { group: "editors" },
  people_unknown: STRANGERS,
  selection_unknown: { ...STRANGERS, key: "only.subs", count: 1, strangers: STRANGERS.strangers.slice(0, 1) },
  attribute_over_limit: { ...COUNTED, attribute: "custom:bio", problem: "longer than 600 characters" },
  attribute_dropped: { ...COUNTED, attribute: "custom:bio", problem: "longer than 600 characters" },
  reset_mails: { mailed: 5, others: [["unverified", 2]] },
  resets_undecided: COUNTED,
  identities_broken: { count: 2 },
  without_organization: COUNTED,
  disabled_after_import: COUNTED,
  people_without_provider: { provider: "Facebook", identities: 8, instead: "They sign in by e-mail." },
  unexpected_at_destination: COUNTED,
  deleted_after_import: COUNTED,
  differs_at_destination: { ...COUNTED, field: "email" },
  unreadable_at_destination: { rows: "accounts", ...COUNTED },
  membership_missing: COUNTED,
  membership_differs: COUNTED,
};

/** The keys of a literal object are its type's keys. */
export const CODES = Object.keys(SAMPLES) as FindingCode[];
