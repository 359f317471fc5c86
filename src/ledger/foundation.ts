/**
 * The statements that make an empty ledger, for both databases; what they differ in stands in braces. Everything is made
 * here once, so that one reader sees the whole.
 */

const SOURCE = [
  "create table ledger_identity (id text primary key)",

  `create table migrations (
    id {serial} primary key,
    pool_id text not null,
    region text not null,
    destination_kind text not null,
    environment text not null,
    file text not null,
    file_in_force text,
    selecting_since integer,
    listed_generation integer not null default 0,
    account_id text,
    owner_namespace text,
    owner_workflow_id text,
    owner_run_id text,
    generation integer not null,
    unique (pool_id, destination_kind, environment))`,

  // The plan makes the indexes by cluster key and address when the table is full, see `indexClusters`.
  `create table source_users (
    migration_id integer not null,
    sub text not null,
    username text not null,
    attributes text not null,
    status text not null,
    enabled integer not null,
    native integer not null,
    email text,
    email_verified integer not null,
    cluster_key text not null,
    created_at_ms bigint not null,
    modified_at_ms bigint not null,
    identities_broken integer not null,
    generation integer not null,
    primary key (migration_id, sub))`,
  `create table identities (
    migration_id integer not null,
    provider text not null,
    user_id text not null,
    sub text not null,
    primary key (migration_id, provider, user_id, sub))`,
  "create index identities_sub on identities (migration_id, sub, provider, user_id)",

  `create table group_members (
    migration_id integer not null,
    sub text not null,
    group_name text not null,
    generation integer not null,
    primary key (migration_id, sub, group_name)) {clustered}`,

  `create table configuration (
    migration_id integer not null,
    kind text not null,
    name text not null,
    generation integer not null,
    data text not null,
    primary key (migration_id, kind, name))`,
];

const PLAN = [
  `create table plan (
    migration_id integer not null,
    sub text not null,
    action text not null,
    reason text,
    merge_into text,
    fingerprint text,
    selected_generation integer,
    generation integer not null,
    primary key (migration_id, sub))`,

  `create table planned_objects (
    migration_id integer not null,
    kind text not null,
    key text not null,
    phase text not null,
    data text not null,
    fingerprint text not null,
    generation integer not null,
    primary key (migration_id, kind, key)) {clustered}`,
];

const PLACED = [
  `create table placed (
    migration_id integer not null,
    kind text not null,
    key text not null,
    state text not null,
    destination_id text,
    how text,
    fingerprint text,
    details text,
    first_claimed_at_ms bigint not null,
    written_at_ms bigint,
    seen_generation integer,
    before_image text,
    primary key (migration_id, kind, key)) {clustered}`,

  `create table differences (
    migration_id integer not null,
    kind text not null,
    key text not null,
    difference text not null,
    field text not null,
    generation integer not null,
    primary key (migration_id, kind, key, difference, field)) {clustered}`,
  "create index differences_of_runs on differences (migration_id, generation)",

  `create table taken_back (
    migration_id integer not null,
    kind text not null,
    key text not null,
    destination_id text,
    at_ms bigint not null,
    primary key (migration_id, kind, key)) {clustered}`,

  `create table mails (
    migration_id integer not null,
    sub text not null,
    sender text not null,
    state text not null,
    mails integer not null,
    claimed_at_ms bigint not null,
    settled_at_ms bigint,
    delivery text,
    mail_id text,
    unknown_links integer not null default 0,
    open_mails integer not null default 0,
    code text,
    primary key (migration_id, sub, sender))`,
  `create table looks (
    migration_id integer not null,
    sub text not null,
    generation integer not null,
    looked_at_ms bigint not null,
    status text,
    enabled integer not null,
    native integer not null,
    email text,
    email_verified integer not null,
    primary key (migration_id, sub))`,
  "create index mails_campaign on mails (migration_id, settled_at_ms, state) where sender = 'campaign'",
];

const RUN = [
  `create table work_items (
    migration_id integer not null,
    generation integer not null,
    phase text not null,
    ordinal integer not null,
    kind text not null,
    key text not null,
    intent text not null,
    state text not null,
    fence bigint not null,
    attempts integer not null,
    in_doubt integer not null,
    put_off integer not null default 0,
    due_at_ms bigint,
    first_claimed_at_ms bigint,
    settled_at_ms bigint,
    code text,
    message text,
    primary key (migration_id, generation, phase, ordinal),
    unique (migration_id, generation, phase, key, kind))`,
  `create index work_items_open on work_items (migration_id, generation, phase, ordinal)
    where state in ('pending', 'sending')`,
  `create index work_items_failed on work_items (migration_id, generation, phase, ordinal)
    where state = 'failed'`,
  `create index work_items_failed_by_code on work_items (migration_id, generation, phase, code, ordinal)
    where state = 'failed'`,
  `create index work_items_recent on work_items (migration_id, generation, phase, settled_at_ms)
    where settled_at_ms is not null`,

  `create table phase_counts (
    migration_id integer not null,
    generation integer not null,
    phase text not null,
    state text not null,
    items integer not null,
    primary key (migration_id, generation, phase, state))`,

  `create table cursors (
    migration_id integer not null,
    name text not null,
    generation integer not null,
    fence bigint not null,
    position text,
    done integer not null,
    counters text not null,
    primary key (migration_id, name))`,

  `create table pace (
    key text primary key,
    per_second double precision not null,
    next_at_ms double precision not null,
    blocked_until_ms double precision not null,
    granted integer not null default 0,
    granted_from_ms double precision not null default 0,
    owed double precision not null default 0)`,

  `create table call_leases (
    key text not null,
    slot integer not null,
    holder text not null,
    until_ms bigint not null,
    wanted_until_ms bigint not null,
    primary key (key, slot))`,

  `create table findings (
    migration_id integer not null,
    generation integer not null,
    phase text not null,
    ordinal integer not null,
    severity text not null,
    code text not null,
    subject text not null,
    sentence text not null,
    primary key (migration_id, phase, ordinal))`,

  `create table activity_failures (
    migration_id integer not null,
    activity text not null,
    signature text not null,
    failures integer not null,
    detail text not null,
    primary key (migration_id, activity, signature))`,

  `create table provider_checks (
    migration_id integer not null,
    name text not null,
    state text not null,
    fault text,
    found text,
    reason text,
    primary key (migration_id, name))`,
];

const BRIDGE = [
  `create table bridge_accounts (
    migration_id integer not null,
    sub text not null,
    email text not null,
    primary key (migration_id, sub))`,
  "create index bridge_accounts_email on bridge_accounts (migration_id, email)",
  `create table bridge_moves (
    migration_id integer not null,
    sub text not null,
    begun_at_ms bigint not null,
    open_moves integer not null default 0,
    moved_at_ms bigint,
    primary key (migration_id, sub))`,

  `create table bridge_proofs (
    migration_id integer not null,
    sub text not null,
    proven_at_ms bigint not null,
    primary key (migration_id, sub))`,

  `create table completed_resets (
    migration_id integer not null,
    destination_id text not null,
    completed_at_ms bigint not null,
    primary key (migration_id, destination_id))`,

  `create table reset_links (
    migration_id integer not null,
    reset_id text not null,
    destination_id text not null,
    expires_at_ms bigint not null,
    primary key (migration_id, reset_id))`,
  "create index reset_links_account on reset_links (migration_id, destination_id, expires_at_ms)",
  "create index reset_links_expired on reset_links (migration_id, expires_at_ms)",
  `create table unsent_links (
    migration_id integer not null,
    reset_id text not null,
    sub text,
    made_from_ms bigint,
    made_by_ms bigint,
    primary key (migration_id, reset_id))`,
  "create index unsent_links_lost on unsent_links (migration_id, sub, made_by_ms) where sub is not null",

  `create table event_positions (
    migration_id integer not null,
    kind text not null,
    event_id text not null,
    at_ms bigint not null,
    primary key (migration_id, kind))`,

  `create table bridge_limits (
    key text primary key,
    taken integer not null,
    until_ms bigint not null) {clustered}`,
  "create index bridge_limits_until on bridge_limits (until_ms)",
];

/** In the order in which they are made. */
export const FOUNDATION: readonly string[] = [...SOURCE, ...PLAN, ...PLACED, ...RUN, ...BRIDGE];
