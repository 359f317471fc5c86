import type { PoolShape } from "../pool.ts";
import { kind } from "./kind.ts";

/** The pool as a whole. */
export const POOL_FINDINGS = {
  pool_size: kind<Pick<PoolShape, "poolId" | "estimatedUsers">>({
    severity: "info",
    subject: ({ poolId }) => poolId,
    what: ({ estimatedUsers }) => `Cognito estimates ${estimatedUsers} users.`,
    advice: "The snapshot counts them.",
  }),
  user_migration_trigger: kind<null>({
    severity: "warning",
    subject: () => "UserMigration",
    what: () =>
      "The pool has a user migration trigger: a sign-in may create users while the pool is being read.",
    advice: "Start a second run later: it brings those who came meanwhile.",
  }),
  mfa: kind<Pick<PoolShape, "mfa">>({
    severity: "warning",
    subject: ({ mfa }) => mfa,
    what: () => "Second factors cannot be exported from Cognito.",
    advice: "Tell people that they set them up again at the destination.",
  }),
  resets_drop_mfa: kind<Pick<PoolShape, "mfa">>({
    severity: "blocker",
    subject: ({ mfa }) => mfa,
    what: ({ mfa }) =>
      `The pool has second factors (MFA ${mfa}), and a reset mail lets its reader in without one until it is set up again.`,
    advice:
      'Say that this is known, with "passwordResets": {"acceptMfaLoss": true}, or take "send" out, and start again.',
  }),
};
