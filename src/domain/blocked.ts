import type { Blocked, Way } from "./contract.ts";

/** Why a run parks, and what the operator does about it. `src/explain/runs.ts` says more of each. */
const SENTENCES = {
  access_lost_destination:
    "The destination refuses the API key, or the key is not of the environment that the settings name: the word in brackets says which. Put a working pair into the worker's settings and restart it.",
  access_lost_source:
    "AWS refuses the credentials or a permission is missing; mend it (docs/security.md lists the permissions) and restart the worker if its environment changed.",
  destination_unreachable: "The destination does not answer; check its address and its status page.",
  source_unreachable: "Cognito does not answer; check the region, AWS's endpoint settings and the network.",
  source_not_found:
    "The user pool, or something that was in it before, does not exist in this region; check source.region and source.userPoolId in the migration file, cancel the run and start again.",
  source_refused: "Cognito refuses the call; look the error name up in AWS's documentation.",
  configuration: "A worker lacks a setting.",
  assess_blockers: "The assessment found what would make the migration fail.",
  secret_store: "A secret that the destination shows once cannot be kept; mend SPILLWAY_SECRETS.",
  resets_not_allowed:
    "The destination sends no password reset mails: turn e-mail and password sign-in on there, and allow resets.",
  second_factors_since:
    "The pool has second factors that it had not when this run began, a reset mail lets its reader in without one, and the file does not accept that: nobody else is mailed.",
  mail_refused:
    "Own mails cannot be handed over, whomever they are for; mend SPILLWAY_MAIL and restart the worker. This one was not sent.",
  mails_unsettled:
    "Of many of the last mails nobody knows whether they went out: whoever sends them gives no clear answer. These people are not mailed again. Mend the mail server or webhook, or see the destination's status page, then resume: one mail goes out first.",
  credentials_failed:
    'The destination refuses some of what has to stand before anybody moves; resume tries it again, resume with `{"accept": ["credentials_failed"]}` goes on without.',
  people_unknown: "The file names people whom the pool does not list; this run has imported nobody yet.",
  canary_unmailed:
    "The file names people for the first reset mails who get none; this run has imported nobody yet.",
  organization_refused:
    'The destination would refuse organizations; mend "organizations" in the migration file, cancel the run and start again.',
  organization_renamed:
    "The file gives organizations that stand already, or may stand, another external id; this run has imported nobody yet.",
  resets_undecided:
    "The file does not say what becomes of people whose address nobody verified; this run has imported nobody yet.",
  attribute_over_limit:
    "Values in the pool would be refused by the destination; this run has imported nobody yet.",
  personal_data_purged:
    "The personal data of this migration was purged from the ledger, and this run would read it there again, of the whole pool.",
  snapshot_stuck:
    "Cognito's page tokens keep dying and starting again gained no new user; try again at another time of day.",
  listing_refused:
    "The destination refuses to be read, and would refuse again; look the code up in its documentation, or ask its support.",
  listing_stuck:
    "The destination's page cursors keep dying, and starting again did not help; resume tries again, at another time of day.",
  accounts_gone:
    'Most of the accounts that were made are not at the destination; nobody has been marked. Check which environment the API key is for, and that the ledger is no back-up from before an undo; if they were removed on purpose, resume with `{"accept": ["accounts_gone"]}`.',
  foreign_worker:
    "A worker of another ledger or environment polls this run's task queue, and did nothing; stop it, or give it this run's SPILLWAY_LEDGER and destination settings, and resume.",
  ledger_restored:
    "The ledger does not hold what this run wrote: it is a back-up of an earlier moment. This run can do nothing with it; a new one brings whom the ledger forgot.",
  run_overtaken:
    "Another run of this pool has begun since, and the ledger is that one's. This run does nothing any more.",
  ledger_owned: "The ledger says that another run still owns this migration.",
  too_many_failures: "Many of the last users failed for the same reason.",
  ledger_full: "The ledger has no room left; make room on its disk.",
  ledger_not_writable: "The ledger cannot be written; check SPILLWAY_LEDGER and its permissions.",
  ledger_slow:
    "Statements to the ledger's PostgreSQL keep running into its time limit; look at its load, its disk and its free memory.",
  ledger_broken:
    "The ledger is damaged, is no Spillway ledger, or its disk fails; check SPILLWAY_LEDGER and the disk, or restore a back-up.",
  ledger_newer: "The ledger was made by a newer Spillway; give every worker that version.",
  ledger_unsuitable:
    "The ledger's PostgreSQL refuses a setting that Spillway needs; connect to the server itself, without a pooler.",
  unexpected_failure:
    "The same unexpected error keeps coming back; its text is in the ledger: `./spillway lookup --failures`.",
} as const;

export type BlockedCode = keyof typeof SENTENCES;

/** A run keeps the file that it began with: where that is wrong, trying again helps nobody. */
const WAYS: Partial<Record<BlockedCode, readonly Way[]>> = {
  source_not_found: ["new_file", "resume"],
  source_unreachable: ["resume", "new_file"],
  assess_blockers: ["new_file", "resume"],
  second_factors_since: ["new_file", "resume"],
  credentials_failed: ["resume", "new_file", "accept"],
  organization_refused: ["new_file"],
  organization_renamed: ["new_file", "accept"],
  people_unknown: ["new_file", "accept"],
  canary_unmailed: ["new_file", "accept"],
  resets_undecided: ["new_file"],
  attribute_over_limit: ["new_file", "accept"],
  personal_data_purged: ["accept"],
  accounts_gone: ["resume", "accept"],
  ledger_restored: ["new_run"],
  run_overtaken: ["new_run"],
};

/** How an operator can answer, the likeliest first. */
export function waysOf(code: BlockedCode): readonly Way[] {
  return WAYS[code] ?? ["resume"];
}

interface More {
  detail?: string;
  retries?: string | null;
  ways?: readonly Way[];
}

/** A run that has to stop. `detail` is a code or a sentence without personal data. */
export function blocked(
  code: BlockedCode,
  { detail, retries = null, ways = waysOf(code) }: More = {},
): Blocked {
  const inBrackets = detail === undefined ? "" : ` (${detail})`;
  return { status: "blocked", code, sentence: `${SENTENCES[code]}${inBrackets}`, retries, ways };
}

export function tooManyFailures(failureCode: string, count: number, judged: number): Blocked {
  return blocked("too_many_failures", {
    detail: `${failureCode}: ${count} of the last ${judged}; resume tries them again, resume with \`{"accept": ["${failureCode}"]}\` goes on without them`,
    retries: failureCode,
  });
}

/** What `resume` may accept. Asked of the code, not of what it parked with: an earlier version may have parked the run. */
export function acceptableCodes({ code, retries }: Blocked): readonly string[] {
  const isAcceptable = blockedCodes().some((known) => known === code && waysOf(known).includes("accept"));
  return [...(isAcceptable ? [code] : []), ...(retries === null ? [] : [retries])];
}

export function blockedCodes(): readonly BlockedCode[] {
  // The keys of a literal object are its type's keys.
  return Object.keys(SENTENCES) as BlockedCode[];
}
