import type { Account } from "../plan/decide.ts";
import type { LinkedAccount } from "../plan/links.ts";
import type { SourceUserRow } from "./source-users.ts";

/** Somebody of a snapshot, as the plan's rules look at them; `written` if the destination has them by our doing. */
export function accountOf(user: SourceUserRow, written: boolean): Account {
  return {
    sub: user.sub,
    status: user.status,
    enabled: user.enabled === 1,
    native: user.native === 1,
    email: user.email,
    emailVerified: user.email_verified === 1,
    createdAtMs: user.created_at_ms,
    written,
  };
}

/** The same person as the rules of links look at them. */
export function linkedAccountOf(user: SourceUserRow): LinkedAccount {
  return {
    sub: user.sub,
    native: user.native === 1,
    emailVerified: user.email_verified === 1,
    createdAtMs: user.created_at_ms,
    clusterKey: user.cluster_key,
  };
}
