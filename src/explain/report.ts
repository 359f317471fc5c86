import { UNDO_REASONS } from "../domain/undo-words.ts";
import type { FoundDifference } from "../ledger/differences.ts";
import type { LeftBehindWhy } from "../plan/left-behind.ts";
import type { ClientOutcome } from "../report/clients.ts";
import { helpOn } from "../report/difference-advice.ts";
import type { Result } from "../report/result.ts";
import { type Codes, type Meaning, meaning, meanings, REPORT, START } from "./meaning.ts";

/** Words of the report's other files. */

export const MEMBERSHIPS: Codes = {
  user_not_imported: meaning(
    "Skipped: the person has no account that Spillway knows. Of an organization that a redrive tries: nobody comes to it.",
    "The person's own outcome says why. The next run tries it again.",
    { to: "What became of them:", command: "./spillway lookup SUB" },
    START,
  ),
  organization_missing: meaning(
    "Skipped: the organization could not be made, or somebody removed it before an undo.",
    "Mend that first, as docs/runbook.md, `An organization was removed`, says. The next run tries it again.",
    START,
  ),
  changed_there: meaning(
    "Done: the roles changed in Cognito, and somebody changed the membership at the destination: it is left as it is there.",
    'Look which is right. To have Cognito\'s, set `users.changedThere` to "overwrite" and start again.',
    START,
  ),
  removed_at_destination: meaning(
    "Skipped: somebody removed it at the destination. It is never made again.",
    "Make it there by hand where it is to stand.",
  ),
  not_in_newest_plan: meaning(
    "The newest run would not make it: the person, the group or the attribute changed, or `only` leaves them out. With `done` it stands: it is not Spillway's, or the run removes nothing.",
  ),
  no_api: meaning(
    "Of a connection: the destination offers no API for it in this environment.",
    "Make it by hand.",
    { to: "The link at which:", command: "./spillway credentials portal NAME" },
  ),
  provider_gone: meaning("Of a connection: its provider was deleted in Cognito."),
};

/** Where everything of it is meant; `differences.csv` has the advice for each one. */
const OF_ACCOUNT = { kind: "user", key: "", field: "" } as const;
const VERIFY = { to: "To compare again:", command: "./spillway verify POOL" };

function difference(kind: FoundDifference["difference"], means: string): Meaning {
  const help = `${helpOn({ ...OF_ACCOUNT, difference: kind })} That is for accounts; \`differences.csv\` says it for each thing.`;
  return meaning(means, help, VERIFY, REPORT);
}

export const DIFFERENCES: Readonly<Record<FoundDifference["difference"], Meaning>> = {
  missing: difference(
    "missing",
    "Spillway made it, and it is gone. Accounts, memberships and connections are told once, and count as removed from then on. Others are told until their external id (organization), slug (role), address (redirect URI) or last word of the description (application) is back.",
  ),
  surplus: difference(
    "surplus",
    "It has a key of this pool, and was not made here: an account of somebody who was not imported, a member of an organization of Spillway's, an application of an app client, an organization of the plan or of a group that is one by the file.",
  ),
  differs: difference(
    "differs",
    "It has another value than was written; the field says which. With `external_id`, another account has the key, or none.",
  ),
  unreadable: difference(
    "unreadable",
    "The destination's answer about it is not as it documents: how it is, nobody knows.",
  ),
};

export const CLIENT_OUTCOMES: Readonly<Record<ClientOutcome, Meaning>> = {
  application: meaning("An application for sign-ins stands.", "Give its owner the new client id and secret."),
  machine: meaning("An application for machines stands.", "Give its owner the new client id and secret."),
  not_needed: meaning("The app client uses no OAuth flow: nothing is to be made for it."),
  not_taken: meaning("The destination takes no applications."),
  left_behind: meaning("The file leaves it behind."),
  failed: meaning("The destination refuses it.", "The note has the failure code: explain that word.", START),
  open: meaning(
    "Not made yet, or the file names no organization for it.",
    'Name its organization under "clients" in the file.',
    START,
  ),
};

type LeftWord = LeftBehindWhy extends infer Why
  ? Why extends `over_limit: ${string}`
    ? "over_limit"
    : Why & string
  : never;

export const LEFT_BEHIND: Readonly<Record<LeftWord, Meaning>> = {
  not_mapped: meaning("The file does not map the attribute.", "Map it under `attributes`, and start again."),
  dropped_by_file: meaning(
    "The file maps the attribute to `null`. Only counted, in `attributesLeftBehind` of `summary.json`.",
  ),
  merged: meaning("The person was merged into an account that has another value."),
  over_limit: meaning("The destination would refuse the value; what is wrong with it follows."),
};

const REMOVE_BY_HAND = "Remove it there by hand, where it is not to stay.";

const UNDO_HELP: Readonly<Record<string, string>> = {
  unknown_to_ledger: `Nothing proves which of both. ${REMOVE_BY_HAND}`,
  no_removal: REMOVE_BY_HAND,
  no_restore: "Change it back there by hand.",
  before_purged: "Change it back there by hand.",
  signed_in_since: "To remove such accounts as well: `./spillway undo POOL --signed-in remove`.",
  sign_ins_unknown: "To remove such accounts as well: `./spillway undo POOL --signed-in remove`.",
  organization_in_use: `It has members or connections. ${REMOVE_BY_HAND}`,
  default_redirect_uri: "Choose another default in the destination's dashboard, and undo again.",
};

/** Why something stays after an undo. */
export const UNDO: Codes = meanings(UNDO_REASONS, (reason) => ({
  means: `${capitalized(UNDO_REASONS[reason] ?? "")}.`,
  help: UNDO_HELP[reason] ?? null,
}));

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

export const RESULTS: Readonly<Record<Result | "undone", Meaning>> = {
  unfinished: meaning("The newest run is under way, or ended before its end."),
  planned: meaning("A dry run came to its end: the report tells what a run would do."),
  verified: meaning("All that was written stands at the destination as it was written."),
  differs: meaning(
    "The destination holds something else than was written.",
    "`differences.csv` lists it.",
    REPORT,
  ),
  undone: meaning("An undo took the migration back."),
};
