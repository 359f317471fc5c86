import { type Counted, forExample, kind } from "./kind.ts";

/** What changed in the source since people were imported, and what a later run does about it. */
export const LATER_FINDINGS = {
  mails_approved_earlier: kind<{ people: number }>({
    severity: "info",
    subject: () => "users",
    what: ({ people }) =>
      `${people === 1 ? "1 person is" : `${people} people are`} mailed by the approval of an earlier run: its campaign came to its end, and the file mails as it did then.`,
    advice: "To be asked again, change anything in `passwordResets`, its pace for example.",
  }),
  disabled_after_import: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were disabled in Cognito after their import${forExample(examples)}; their accounts at the destination still work.`,
    advice:
      'Remove them there, or set `users.disabledLater` to "removeMemberships" or "delete". Spillway deletes only what it made, and nobody whose address others share.',
  }),
  disabled_removed: kind<Counted>({
    severity: "info",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were disabled in Cognito after their import${forExample(examples)}: their accounts are deleted, as \`users.disabledLater\` says.`,
    advice: "Whoever is enabled again is imported anew.",
  }),
  deleted_removed: kind<Counted>({
    severity: "info",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were deleted in Cognito after their import${forExample(examples)}: their accounts are deleted, as \`users.deletedLater\` says.`,
    advice: "Nothing is left to do.",
  }),
  deleted_kept: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were deleted in Cognito after their import, and somebody has their address, or holds their identity, today${forExample(examples)}: their accounts stay.`,
    advice:
      "It may be the same person, who signed up again. Where it is not, remove the account at the destination and start again.",
  }),
  deleted_unknown: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were deleted in Cognito after their import, and what tells whether somebody else needs their account was purged from the ledger${forExample(examples)}: their accounts stay.`,
    advice: "Whoever signed up again may keep theirs; remove the others at the destination.",
  }),
  address_changed: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users have another e-mail address in Cognito than their account was made under${forExample(examples)}; the account keeps the old one.`,
    advice:
      'An address is a way in, so a person decides: name the sub with "readdress" in `users.decisions`, and start again.',
  }),
  memberships_removed: kind<{ count: number }>({
    severity: "info",
    subject: () => "memberships",
    what: ({ count }) =>
      `${count} memberships that Spillway made are not in the plan any more: they are removed.`,
    advice: "The people left a group or an organization in Cognito, or the file assigns them otherwise.",
  }),
};
