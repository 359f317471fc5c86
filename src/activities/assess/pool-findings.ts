import type { PoolConfiguration } from "../../cognito/configuration.ts";
import type { PoolShape } from "../../cognito/source.ts";
import type { Migration } from "../../migration.ts";
import type { Draft } from "./rule-findings.ts";

/** What an operator should know of the pool before anything moves. */
export function poolFindings(file: Migration, shape: PoolShape, { groups }: PoolConfiguration): Draft[] {
  const drafts: Draft[] = [
    {
      severity: "info",
      code: "pool_size",
      subject: shape.poolId,
      sentence: `Cognito estimates ${shape.estimatedUsers} users; the snapshot counts them.`,
    },
  ];
  if (shape.triggers.includes("UserMigration"))
    drafts.push({
      severity: "warning",
      code: "user_migration_trigger",
      subject: "UserMigration",
      sentence:
        "The pool has a user migration trigger: a sign-in may create users while the pool is being read.",
    });
  const { send, acceptMfaLoss } = file.passwordResets;
  if (shape.mfa !== "OFF" && send && !acceptMfaLoss)
    drafts.push({
      severity: "blocker",
      code: "resets_drop_mfa",
      subject: shape.mfa,
      sentence: `The pool has second factors (MFA ${shape.mfa}), and a reset mail lets its reader in without one until it is set up again. Say that this is known, with "passwordResets": {"acceptMfaLoss": true}, and start again.`,
    });
  if (shape.mfa !== "OFF")
    drafts.push({
      severity: "warning",
      code: "mfa",
      subject: shape.mfa,
      sentence:
        "Second factors cannot be exported from Cognito: people set them up again at the destination.",
    });
  if (groups.length > 0 && file.roles === undefined && file.organizations.from !== "group")
    drafts.push({
      severity: "info",
      code: "groups_not_moved",
      subject: "groups",
      sentence: `The pool has ${groups.length} groups, and the file makes nothing of them; "roles" or "organizations" would.`,
    });
  return drafts;
}
