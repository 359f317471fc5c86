import { type BlockedCode, blocked, blockedCodes, waysOf } from "../domain/blocked.ts";
import type { Step, Way } from "../domain/contract.ts";
import { type LedgerProblem, ledgerError } from "../ledger/errors.ts";
import {
  accept,
  type Codes,
  type Meaning,
  meaning,
  RESTART,
  RESUME,
  START,
  WATCH,
  WORDS,
} from "./meaning.ts";

/** Why a run stands still, and why an activity is tried again. */

/** Beside what the run itself says, and its own commands. */
const HELP: Partial<Record<BlockedCode, string>> = {
  access_lost_destination:
    "At most the calls in flight were refused, and they are sent again. `./spillway check FILE` proves a key and its environment.",
  access_lost_source: "AWS's error is in brackets.",
  destination_unreachable:
    "It gave no answer four times in a row when the run began; later outages are waited for.",
  source_unreachable:
    "It gave no answer four times in a row when the run began. Where the region is wrong, mend source.region and start again.",
  source_not_found:
    "Where a provider was deleted meanwhile, cancel and start again. Where the account is wrong, give the workers other credentials and resume.",
  configuration:
    "Set what is named on every worker, and restart them. A worker that can serve no destination does not start.",
  assess_blockers:
    "The sentence names each finding: explain that word. What is wrong in the pool or a worker is mended there, what is wrong in the file by another run.",
  secret_store:
    "The reason is in brackets: a folder that is missing, a file that others can read, a permission (docs/security.md), or a secret that is scheduled for deletion. A secret that was shown and not kept is replaced.",
  credentials_failed:
    "The sentence has each failure code: explain that word. Mended at the destination, resume; in the file, begin anew. Whoever goes on without makes them by hand. Refused connections do not park a run: the gate waits for them.",
  organization_refused:
    "This run imported nobody. Give each a valid `name` and `externalId` in `organizations.named`.",
  organization_renamed:
    "Restore the earlier `externalId` in `organizations.named`; or accept: then those that stand take the people, and the new id is not used. A run never moves people between organizations. Where people belong in another one that has the new id, remove the earlier one at the destination, then accept: new people join the other, and you add earlier members by hand.",
  people_unknown:
    "Name people by sub: `./spillway lookup --email` finds it. Of those who were deleted, accept that.",
  canary_unmailed:
    "Without them nobody would see a mail before the approval. Name others; each reason is a word to explain.",
  resets_undecided: 'Set `passwordResets.unverified` to "skip" or "send".',
  attribute_over_limit: "Take the attribute out of `attributes`; or accept, and the values are left behind.",
  resets_not_allowed:
    "The call mailed nobody. docs/resets.md, `Before the first mail`, says what else has to be on.",
  mails_unsettled:
    "Over 10 of the last 50 mails are so; `resets.csv` lists them. Without a clear answer to the next one the run parks again.",
  second_factors_since:
    'To mail all the same, set `"acceptMfaLoss": true` in `passwordResets`. Where the factors are off again, resume.',
  mail_refused:
    "The code is in brackets: explain that word. http_401 and http_403: the webhook refuses our signature.",
  personal_data_purged:
    "Nobody was read yet. Where that is not allowed, cancel: `./spillway cancel POOL`. Whoever accepts it purges again afterwards: `./spillway purge POOL`.",
  snapshot_stuck: "Three restarts were tried. Nothing is lost or doubled.",
  listing_refused: "Nothing is written meanwhile.",
  accounts_gone:
    "Under half of the imported people are listed, and most of those who were looked up singly are missing. People whom you removed are never made again. If the ledger is a back-up from before an undo, end the run, and begin the next migration without it: docs/runbook.md, `Without the ledger`.",
  foreign_worker:
    "The sentence names both sides. A relative path of SQLite begins in the worker's folder. docs/temporal.md, `Two migrations on one server`, says more of queues.",
  ledger_restored:
    "Nothing was done. docs/runbook.md, `After a restore`, says what such a ledger has forgotten.",
  run_overtaken: "It was reset in the Temporal UI, or its migration was given away by a takeover.",
  ledger_owned:
    "The sentence names it. Where it still works, let it end, or cancel it. Where it is gone for good (its Temporal server was lost, or it was terminated longer ago than its namespace keeps runs: a day on the embedded server), free the migration. That is refused while Temporal shows the run at work; where no server answers, only you can tell. Never take over while it works elsewhere: both would import at once.",
  too_many_failures:
    "It parks where over 10 of the last 50 failed so. Resume tries them again. Whoever accepts the failure code in brackets lets them stay failed until a redrive or the next run.",
  ledger_full: "A user takes about 2 KB.",
  ledger_slow:
    "Five statements were ended after 20 s each; normal is under 250 ms. Look also whether somebody cancels them.",
  ledger_broken:
    "Stop the workers, mend it or restore a back-up (docs/runbook.md, `After a restore`), start them. In PostgreSQL, tables of others with the same names are refused too.",
  ledger_unsuitable:
    "Those are time limits, `synchronous_commit` and settings of its planner; without them a commit may be lost.",
  unexpected_failure:
    "It came five times. Mend its cause if you can; else report a defect, without personal data.",
};

const SPECIAL: Partial<Record<BlockedCode, readonly Step[]>> = {
  too_many_failures: [
    WORDS,
    RESUME,
    { to: "To go on without them:", command: "./spillway resume POOL --accept CODE" },
  ],
  unexpected_failure: [WORDS, RESUME],
  ledger_owned: [
    {
      to: "To free it:",
      command: "./spillway takeover POOL --region REGION --environment ENVIRONMENT",
    },
    RESUME,
  ],
};

function stepsOf(code: BlockedCode): readonly Step[] {
  const steps: Record<Way, readonly Step[]> = {
    resume: [RESUME],
    accept: [accept(code)],
    new_file: RESTART,
    new_run: RESTART,
  };
  return SPECIAL[code] ?? waysOf(code).flatMap((way) => steps[way]);
}

export const PARKS: Codes = Object.fromEntries(
  blockedCodes().map((code) => [code, meaning(blocked(code).sentence, HELP[code] ?? null, ...stepsOf(code))]),
);

export const WAITS: Codes = {
  providers: meaning(
    "Nobody is imported before every identity provider leads to the same sign-in as at Cognito. The run looks again by itself.",
    "The run's details name each provider, what was found there (a word to explain) and what to do.",
    { to: "To see what is missing:", command: "./spillway credentials status" },
    { to: "To have it look at once:", command: "./spillway resume POOL" },
    { to: "To go on without one:", command: './spillway skip POOL NAME --reason "why"' },
  ),
  approval_resets: meaning(
    "The first reset mails are out, and a person has to approve the others. There is no time limit. The sentence says how the first ones ended, how many an approval mails and until when, and what nobody can know.",
    "Look at the first mails. No other mail goes out after a cancel.",
    { to: "To let the others go out:", command: "./spillway approve POOL" },
    { to: "To mail nobody else:", command: "./spillway cancel POOL" },
  ),
  clock: meaning(
    "No mail may go out now: the send window is shut, the day's mails are used up (the file's cap or the destination's quota), or your mail server puts mails off. The sentence says when the run looks again, by itself.",
    null,
    { to: "To have it look at once:", command: "./spillway resume POOL" },
  ),
  paused: meaning("An operator paused the run.", null, {
    to: "To go on:",
    command: "./spillway resume POOL",
  }),
};

/** A run that ends so is over: the next one goes on from there. */
export const FAILED_RUNS: Codes = {
  people_open: meaning(
    "The run is over, and people have no outcome: the ledger does not know of work that was done, as after a restore from a back-up.",
    "The next run goes on with them.",
    START,
  ),
  BadInput: meaning(
    "What the run was started with cannot be used: the migration file, or the input of an undo, a verification or a redrive.",
    "The failure's sentence says what is wrong there. Mend it, and start again.",
    { to: "To look at a file before a run:", command: "./spillway check FILE" },
  ),
};

type Passing = Extract<
  LedgerProblem,
  "ledger_busy" | "ledger_slow" | "ledger_unreachable" | "ledger_ended" | "ledger_stuck"
>;

const BY_ITSELF = "Nothing: it is tried again by itself.";

const LEDGER_HELP: Readonly<Record<Passing, string>> = {
  ledger_busy: BY_ITSELF,
  ledger_slow: "It is tried again by itself; the fifth time the run parks.",
  ledger_unreachable: "A question has 25 s. The run goes on within a minute of a connection that works.",
  ledger_ended: "The worker ends: have a supervisor restart it.",
  ledger_stuck: "It has not answered for a minute. The worker ends: have a supervisor restart it.",
};

function ledgerMeaning(code: Passing): Meaning {
  return meaning(ledgerError(code).message, LEDGER_HELP[code]);
}

/** A failed activity shows it, and is tried again by itself. */
export const ACTIVITIES: Codes = {
  fenced: meaning("Another attempt has taken over this work.", BY_ITSELF),
  range_still_open: meaning("Another attempt still holds a part of this batch.", BY_ITSELF),
  foreign_worker: meaning(
    "A worker of another ledger or environment left an alert to the right ones.",
    "Where the run parks with this code, stop that worker or mend its settings.",
  ),
  still_waiting: meaning("No failure: the gate looks again after a while.", null, WATCH),
  unexpected: meaning(
    "An error that nobody expected; its text is in the ledger. The fifth of a kind parks the run.",
    null,
    WORDS,
  ),
  ledger_busy: ledgerMeaning("ledger_busy"),
  ledger_slow: ledgerMeaning("ledger_slow"),
  ledger_unreachable: ledgerMeaning("ledger_unreachable"),
  ledger_ended: ledgerMeaning("ledger_ended"),
  ledger_stuck: ledgerMeaning("ledger_stuck"),
};
