import type { KnowsCounterparts } from "../../domain/counterparts.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";

/** What the file asks for, and the destination does not take. */
export function notTaken(
  { organizations, roles, passwordResets }: Migration,
  { facts: { takes } }: Pick<KnowsCounterparts, "facts">,
): Draft[] {
  const drafts: Draft[] = [];
  if (organizations.from !== "none" && !takes.organizations)
    drafts.push(finding("not_taken", { key: "organizations", what: "organizations" }));
  if (roles !== undefined && !takes.roles) drafts.push(finding("not_taken", { key: "roles", what: "roles" }));
  if (passwordResets.send && !takes.resets)
    drafts.push(finding("not_taken", { key: "passwordResets", what: "requests for reset mails" }));
  return drafts;
}
