import { type Counted, forExample, kind, quoted } from "./kind.ts";

/** Where the destination does not hold what was written. */
export const VERIFICATION_FINDINGS = {
  unexpected_at_destination: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users who were not imported have an account with their key at the destination${forExample(examples)}.`,
    advice: "Look at them before people sign in.",
  }),
  deleted_after_import: kind<Counted>({
    severity: "warning",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} users were deleted in Cognito after their import${forExample(examples)}; their accounts at the destination still work.`,
    advice: "Remove them there; whoever signed up again may keep theirs.",
  }),
  differs_at_destination: kind<Counted & { field: string }>({
    severity: "warning",
    subject: ({ field }) => field,
    what: ({ count, examples, field }) =>
      `${count} accounts hold another ${field} than was written${forExample(examples)}.`,
    advice: "Look at them: somebody changed them since, or they were there before.",
  }),
  unreadable_at_destination: kind<Counted & { rows: "accounts" | "memberships" }>({
    severity: "warning",
    subject: ({ rows }) => rows,
    what: ({ count, examples, rows }) =>
      `What the destination holds of ${count} ${rows} cannot be read${forExample(examples, rows === "memberships" ? "of " : "")}.`,
    advice: "Look at them there: whether they are as they were written is not known.",
  }),
  organization_gone: kind<Counted>({
    severity: "warning",
    subject: () => "organizations",
    what: ({ count, examples }) =>
      `${count} organizations of the plan are not there any more${forExample(examples.map(quoted))}: nobody becomes a member of them.`,
    advice:
      "Somebody removed them, and Spillway does not make them again. Where that was a mistake, make them anew with the same external id, and start again.",
  }),
  membership_missing: kind<Counted>({
    severity: "warning",
    subject: () => "memberships",
    what: ({ count, examples }) =>
      `${count} memberships that Spillway made are not there any more${forExample(examples, "of ")}.`,
    advice: "Somebody removed them since, and Spillway does not make them again.",
  }),
  membership_surplus: kind<Counted>({
    severity: "warning",
    subject: () => "memberships",
    what: ({ count, examples }) =>
      `${count} people are members of organizations that Spillway made, and it did not make them members${forExample(examples, "of ")}.`,
    advice: "Look at them: somebody added them there.",
  }),
  membership_differs: kind<Counted>({
    severity: "warning",
    subject: () => "memberships",
    what: ({ count, examples }) =>
      `${count} memberships are not active, or hold other roles than were written${forExample(examples, "of ")}.`,
    advice: "Look at them: somebody changed them since, or they were there before.",
  }),
};
