import type { WriteSeconds } from "../domain/contract.ts";
import { WEEKDAYS } from "../domain/migration/password-resets.ts";
import type { Migration } from "../domain/migration.ts";
import { mailsPerSecondWithLooks } from "./look-way.ts";

const COGNITO_PAGE_USERS = 60;
/** An application is made, looked up, and given a secret. */
const CALLS_PER_APPLICATION = 4;
/** A permission is made, and given to its role. */
const CALLS_PER_PERMISSION = 2;
const DAY_SECONDS = 86_400;

/** What stands at the destination beside people, as far as it is known before the plan. */
export interface Foreseen {
  organizations: number;
  roles: number;
  /** Of all roles together. */
  permissions: number;
  providers: number;
  clients: number;
}

export const NOTHING_FORESEEN: Foreseen = {
  organizations: 0,
  roles: 0,
  permissions: 0,
  providers: 0,
  clients: 0,
};

/** What a plan has to write, counted by what it is; people and memberships whether new, changed or removed. */
export interface PlannedWrites extends Pick<Foreseen, "organizations" | "roles" | "permissions"> {
  users: number;
  memberships: number;
  mails: number;
}

/** How long each phase takes at the file's pace; those that only work in the ledger take next to nothing. */
export interface PhaseSeconds extends WriteSeconds {
  credentials: number;
  snapshot: number;
  verify: number;
}

/** What one call of the destination moves. */
export interface CallSizes {
  users: number;
  memberships: number;
  /** Rows that its lists give at once. */
  rowsPerPage: number;
}

/** Whole seconds. `users` is the size of the pool; where only the plan knows how many come, all of them count. */
export function phaseSeconds(
  file: Migration,
  users: number,
  foreseen: Foreseen,
  perCall: CallSizes,
): PhaseSeconds {
  const { pace, dryRun, organizations } = file;
  const readsPerSecond = Math.min(pace.readsPerSecond, pace.callsPerSecond);
  const pages = (rows: number) => rows / perCall.rowsPerPage;
  const coming = comingOf(file, users);
  const members = organizations.from === "none" ? 0 : coming;
  const mails = file.passwordResets.send ? coming : 0;
  const written = { ...foreseen, users: coming, memberships: members, mails };
  const seconds = dryRun ? NO_WRITES : writeSeconds(file, users, written, perCall);
  const credentials = foreseen.providers + foreseen.clients * CALLS_PER_APPLICATION;
  const listed = pages(coming) + pages(members) + (members > 0 ? foreseen.organizations : 0);
  // In the order of the phases: it is shown so.
  return {
    credentials: dryRun ? 0 : Math.ceil(credentials / writesPerSecond(file)),
    snapshot: Math.ceil(users / COGNITO_PAGE_USERS / pace.pagesPerSecond),
    ...seconds,
    verify: dryRun ? 0 : Math.ceil(listed / readsPerSecond),
  };
}

const NO_WRITES: WriteSeconds = { structure: 0, users: 0, memberships: 0, resets: 0 };

/** The same of a plan, in a pool of so many users: also where the file says that it is only a plan. */
export function writeSeconds(
  file: Migration,
  users: number,
  planned: PlannedWrites,
  perCall: Pick<CallSizes, "users" | "memberships">,
): WriteSeconds {
  const seconds = (calls: number) => Math.ceil(calls / writesPerSecond(file));
  const { organizations, roles, permissions, mails } = planned;
  return {
    structure: seconds(organizations + roles + permissions * CALLS_PER_PERMISSION),
    users: seconds(planned.users / perCall.users),
    memberships: seconds(planned.memberships / perCall.memberships),
    resets: mails === 0 ? 0 : resetSeconds(withLooks(file, users, mails), mails),
  };
}

function writesPerSecond({ pace }: Migration): number {
  return Math.min(pace.writesPerSecond, pace.callsPerSecond);
}

function comingOf({ only }: Migration, users: number): number {
  if (only === undefined || "group" in only) return users;
  return Math.min("limit" in only ? only.limit : only.subs.length, users);
}

/** In a large pool the looks at people before their mails may be slower than the mails. */
function withLooks(
  { passwordResets, pace }: Migration,
  users: number,
  people: number,
): Migration["passwordResets"] {
  const perSecond = mailsPerSecondWithLooks({
    mailsPerSecond: passwordResets.perSecond,
    callsPerSecond: pace.pagesPerSecond,
    pages: users / COGNITO_PAGE_USERS,
    mails: Math.min(people, passwordResets.perDay ?? people),
    isCanary: false,
    walkTookMs: null,
  });
  return { ...passwordResets, perSecond };
}

/** Mails go out while the window is open, and no more of them a day than the file allows. */
function resetSeconds(
  { perSecond, perDay = Number.POSITIVE_INFINITY, window }: Migration["passwordResets"],
  people: number,
): number {
  const openSeconds = window === undefined ? DAY_SECONDS : openSecondsOf(window);
  const mailsPerDay = Math.min(perDay, perSecond * openSeconds);
  const fullDays = Math.max(0, Math.ceil(people / mailsPerDay) - 1);
  const weekdays = window?.weekdays.length ?? WEEKDAYS.length;
  const days = Math.ceil((fullDays * WEEKDAYS.length) / weekdays);
  return Math.ceil(days * DAY_SECONDS + (people - fullDays * mailsPerDay) / perSecond);
}

function openSecondsOf({ from, to }: NonNullable<Migration["passwordResets"]["window"]>): number {
  const open = secondsOf(to) - secondsOf(from);
  return open > 0 ? open : open + DAY_SECONDS;
}

/** Of `HH:MM`. */
function secondsOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(":").map(Number);
  return (hours * 60 + minutes) * 60;
}
