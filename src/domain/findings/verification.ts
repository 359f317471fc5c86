import { type Counted, forExample, kind, quoted } from "./kind.ts";

/** What stands beside people and memberships, as reports name it. */
export type StructureRows = "organizations" | "roles" | "connections" | "redirect URIs" | "applications";

type CountedStructure = Counted & { rows: StructureRows };

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
  purged_not_compared: kind<Counted>({
    severity: "info",
    subject: () => "users",
    what: ({ count, examples }) =>
      `${count} accounts stand, and what was written into them was purged from the ledger${forExample(examples)}: whether somebody changed them is not known.`,
    advice: null,
  }),
  differs_at_destination: kind<Counted & { field: string }>({
    severity: "warning",
    subject: ({ field }) => field,
    what: ({ count, examples, field }) =>
      `${count} accounts hold another ${field} than was written${forExample(examples)}.`,
    advice: "Look at them: somebody changed them since, or they were there before.",
  }),
  unreadable_at_destination: kind<Counted & { rows: "accounts" | "memberships" | StructureRows }>({
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
      `${count} organizations are not there any more${forExample(examples.map(quoted))}: nobody becomes a member of them.`,
    advice:
      "Somebody removed them, and Spillway does not make them again. Where that was a mistake, make them anew with the same external id, and start again.",
  }),
  structure_missing: kind<CountedStructure>({
    severity: "warning",
    subject: ({ rows }) => rows,
    what: ({ count, examples, rows }) =>
      `${count} ${rows} that Spillway made are not there any more${forExample(examples.map(quoted))}.`,
    advice:
      "Somebody removed them since, and Spillway does not make them again: differences.csv says what to do.",
  }),
  structure_differs: kind<CountedStructure>({
    severity: "warning",
    subject: ({ rows }) => rows,
    what: ({ count, examples, rows }) =>
      `${count} ${rows} are not as they were written${forExample(examples.map(quoted))}.`,
    advice: "Somebody changed them since: differences.csv names what.",
  }),
  structure_surplus: kind<CountedStructure>({
    severity: "warning",
    subject: ({ rows }) => rows,
    what: ({ count, examples, rows }) =>
      `${count} ${rows} carry a key of this pool, and nobody here made them${forExample(examples.map(quoted))}.`,
    advice: "Look at them: somebody made them there, or copied one.",
  }),
  strangers_at_destination: kind<{ count: number; rows: "accounts" | StructureRows }>({
    severity: "info",
    subject: ({ rows }) => rows,
    what: ({ count, rows }) => `${count} ${rows} at the destination have nothing to do with this pool.`,
    advice: null,
  }),
  not_verifiable: kind<{ rows: StructureRows }>({
    severity: "info",
    subject: ({ rows }) => rows,
    what: ({ rows }) => `The destination does not tell what it holds of ${rows}: nobody has verified them.`,
    advice: "Look at them there.",
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
