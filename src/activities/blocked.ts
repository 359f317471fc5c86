import type { Blocked } from "../workflows/contract.ts";

/** Why a run parks, and what the operator does about it. Listed in docs/runbook.md. */
const SENTENCES = {
  access_lost_destination:
    "The destination refuses the API key; put a working one into the worker's settings and restart it.",
  access_lost_source:
    "AWS refuses the credentials or a permission is missing; mend it (docs/security.md lists the permissions) and restart the worker if its environment changed.",
  destination_unreachable: "The destination does not answer; check its address and its status page.",
  source_unreachable: "Cognito does not answer; check the region, AWS's endpoint settings and the network.",
  source_not_found:
    "The user pool or the group does not exist in this region; check source.region, source.userPoolId and only.group in the migration file.",
  source_refused: "Cognito refuses the call; look the error name up in AWS's documentation.",
  configuration: "A worker lacks a setting.",
  assess_blockers: "The assessment found what would make the migration fail.",
  secret_store: "A secret that the destination shows once cannot be kept; mend SPILLWAY_SECRETS.",
  resets_not_allowed:
    "The destination sends no password reset mails: turn e-mail and password sign-in on there, and allow resets.",
  mail_refused:
    "Own mails cannot be handed over, whomever they are for; mend SPILLWAY_MAIL and restart the worker. This one was not sent.",
  credentials_failed:
    'The destination refuses some of what has to stand before anybody moves; resume tries it again, resume with {"accept": ["credentials_failed"]} goes on without.',
  organization_refused:
    'The destination would refuse organizations; mend "organizations" in the migration file, cancel the run and start again.',
  resets_undecided:
    "The file does not say what becomes of people whose address nobody verified; nothing has been written yet.",
  attribute_over_limit:
    "Values in the pool would be refused by the destination; nothing has been written yet.",
  snapshot_stuck:
    "Cognito's page tokens keep dying and starting again gained no new user; try again at another time of day.",
  foreign_ledger:
    "A worker has another ledger than the one this run began with; give every worker the same SPILLWAY_LEDGER.",
  ledger_owned: "The ledger says that another run still owns this migration.",
  too_many_failures: "Many of the last users failed for the same reason.",
  ledger_full: "The ledger has no room left; make room on its disk.",
  ledger_not_writable: "The ledger cannot be written; check SPILLWAY_LEDGER and its permissions.",
  unexpected_failure:
    "The same unexpected error keeps coming back; its text is in the ledger: `./spillway lookup --failures`.",
} as const;

export type BlockedCode = keyof typeof SENTENCES;

/** A run that has to stop. `detail` is a code or a sentence without personal data. */
export function blocked(code: BlockedCode, more: { detail?: string; retries?: string } = {}): Blocked {
  const detail = more.detail === undefined ? "" : ` (${more.detail})`;
  return { status: "blocked", code, sentence: `${SENTENCES[code]}${detail}`, retries: more.retries ?? null };
}

export function tooManyFailures(failureCode: string, count: number): Blocked {
  return blocked("too_many_failures", {
    detail: `${failureCode}: ${count} of the last 50; resume tries them again, resume with {"accept": ["${failureCode}"]} goes on without them`,
    retries: failureCode,
  });
}

export function blockedCodes(): readonly BlockedCode[] {
  // The keys of a literal object are its type's keys.
  return Object.keys(SENTENCES) as BlockedCode[];
}
