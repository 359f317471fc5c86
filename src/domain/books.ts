/** Words of the ledger's books. Imports nothing of the project. */

/** What can stand at a destination. */
export const PLACED_KINDS = [
  "user",
  "organization",
  "role",
  "membership",
  "connection",
  "redirect_uri",
  "application",
] as const;
export type PlacedKind = (typeof PLACED_KINDS)[number];

/** `in_doubt`: a call may have made it, and nobody knows. `removed`: it stood, and somebody removed it since. */
export type PlacedState = "in_doubt" | "standing" | "removed";

/** How it came to stand. `already_there`: found under our key, and nobody knows who made it. */
export type PlacedHow = "created" | "adopted" | "already_there";

/** What a work item is to do about the difference between plan and placed. */
export type WorkIntent = "create" | "update" | "remove" | "restore" | "mail";

/** Who mails a link. */
export type MailDelivery = "destination" | "own";

/** `claimed`: about to go out, or it may have. `unsettled`: it may have, and nobody will ever know. */
export type MailState = "claimed" | "mailed" | "refused" | "unsettled";
