import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolShape } from "../../domain/pool.ts";
import { dropsFactors } from "../reset-policy.ts";

/** What an operator should know of the pool before anything moves. */
export function poolFindings(file: Migration, shape: PoolShape): Draft[] {
  const drafts = [finding("pool_size", shape)];
  if (shape.triggers.includes("UserMigration")) drafts.push(finding("user_migration_trigger", null));
  if (shape.mfa === "OFF") return drafts;
  const { passwordResets } = file;
  if (passwordResets.send && dropsFactors(shape, passwordResets))
    drafts.push(finding("resets_drop_mfa", shape));
  return [...drafts, finding("mfa", shape)];
}
