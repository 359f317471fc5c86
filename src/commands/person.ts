import { vendorOf } from "../destinations/registry.ts";
import type { ItemPhase } from "../domain/phases.ts";
import { resetStatesOf } from "../ledger/campaign.ts";
import { differencesOfPerson, type FoundDifference } from "../ledger/differences.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { type ItemStory, type MembershipStory, type Story, storyOf } from "../ledger/story.ts";
import { decidedOf } from "../plan/decide.ts";
import { changedFields, fieldsIn } from "../plan/fingerprint.ts";
import { membershipOf } from "../plan/keys.ts";
import { type ResetStanding, resetStanding } from "../plan/reset-standing.ts";
import { type WayIn, wayIn } from "../plan/way-in.ts";
import { helpOn } from "../report/difference-advice.ts";
import { explanationOfPerson } from "../report/explain.ts";
import { nextSteps } from "../report/next-steps.ts";
import { standingOf } from "../report/object-counts.ts";
import { readGateStates } from "../report/set-up.ts";
import { snapshotOf } from "../report/summary.ts";
import { mailStep } from "./mail-text.ts";

/** Everything that lookup tells of one person. */
export interface Person {
  story: Story;
  /** Where Cognito lists them, as far as is known. */
  listing: "listed" | "not_listed" | "not_read_yet" | "undone";
  explanation: string;
  inFile: string | null;
  fields: {
    /** As last confirmed written. */
    written: string[];
    /** In which what was written is not what the newest plan has. */
    otherThanPlanned: string[];
  };
  memberships: Membership[];
  /** Null where no campaign has to do with them. */
  mail: (Pick<ResetStanding, "outcome" | "reason"> & { settledAtMs: number | null }) | null;
  /** How somebody with an account and without a password signs in afterwards; null of the others. */
  way: WayIn | null;
  failures: Failure[];
  differences: Difference[];
  next: string[];
}

interface Membership extends Pick<MembershipStory, "organization" | "roles" | "destinationId"> {
  outcome: string;
  reason: string | null;
}

/** What did not go as it was meant to, in the newest run. */
interface Failure extends Pick<ItemStory, "phase" | "state" | "code" | "attempts" | "message"> {
  what: string;
}

export interface Difference extends FoundDifference {
  whatToDo: string;
}

/** Null for somebody of whom nothing is known. */
export async function personOf(ledger: Ledger, migration: MigrationRow, sub: string): Promise<Person | null> {
  const run = runOf(migration);
  const story = await ledger.read((db) => storyOf(db, migration, sub));
  if (story === null) return null;
  const snapshot = await snapshotOf(ledger, run);
  const states = await ledger.read((db) => resetStatesOf(db, run, [sub]));
  const differences = await ledger.read((db) => differencesOfPerson(db, migration.id, sub));
  const state = states.get(sub);
  const mail = state === undefined ? null : resetStanding(state, migration.file.passwordResets);
  const { outcome } = story;
  const isWholePool = snapshot === "complete";
  const ofStory = nextSteps(story, {
    isWholePool,
    isUndone: migration.undo !== null,
    differs: differences.length > 0,
  });
  const step = mail === null ? null : mailStep(mail);
  const unlisted = unlistedAs(migration, isWholePool);
  return {
    story,
    listing: outcome === null ? unlisted : "listed",
    explanation: outcome === null ? UNLISTED[unlisted] : explanationOfPerson(outcome),
    inFile: decidedOf({ sub }, migration.file) ?? null,
    fields: fieldsOf(story),
    memberships: story.memberships.map(membershipOfStory),
    mail:
      mail === null ? null : { outcome: mail.outcome, reason: mail.reason, settledAtMs: mail.settledAtMs },
    way: state === undefined || state.native ? null : await wayOf(ledger, migration, state.providers),
    failures: story.items.filter(isTrouble).map(failureOf),
    differences: differences.map((found) => ({ ...found, whatToDo: helpOn(found) })),
    next: [...ofStory, ...(step === null ? [] : [step])],
  };
}

async function wayOf(ledger: Ledger, migration: MigrationRow, providers: readonly string[]): Promise<WayIn> {
  const { rules } = vendorOf(migration.file.destination.kind);
  return wayIn(providers, await readGateStates(ledger, migration, rules));
}

function unlistedAs({ undo }: MigrationRow, isWholePool: boolean): keyof typeof UNLISTED {
  if (undo !== null) return "undone";
  return isWholePool ? "not_listed" : "not_read_yet";
}

const UNLISTED = {
  not_listed:
    "The newest snapshot of the pool does not list them: they were deleted in Cognito, or never were there.",
  undone: "The newest run is an undo, which reads no pool: below stands what it left, and what it took back.",
  not_read_yet:
    "The newest run has not read the whole pool yet, and they are not among those that it has read.",
};

function fieldsOf({ account, decision }: Story): Person["fields"] {
  const written = account?.fingerprint ?? null;
  const planned = decision?.fingerprint ?? null;
  return {
    written: written === null ? [] : fieldsIn(written),
    otherThanPlanned: written === null || planned === null ? [] : changedFields(written, planned),
  };
}

function membershipOfStory({
  organization,
  roles,
  destinationId,
  isPlanned,
  placed,
  state,
  code,
}: MembershipStory) {
  const reason = placed === "removed" ? "removed_at_destination" : code;
  return {
    ...{ organization, roles, destinationId },
    outcome: isPlanned || placed !== null ? standingOf({ placed, state }) : "skipped",
    reason: isPlanned ? reason : "not_in_newest_plan",
  };
}

function isTrouble({ state, message }: ItemStory): boolean {
  return state === "failed" || message !== null;
}

const WHAT: Partial<Record<ItemPhase, string>> = { users: "the account", resets: "the reset mail" };

function failureOf({ phase, kind, key, ...item }: ItemStory): Failure {
  const { state, code, attempts, message } = item;
  const what =
    kind === "membership" ? `the membership of ${membershipOf(key).organization}` : (WHAT[phase] ?? phase);
  return { phase, what, state, code, attempts, message };
}
