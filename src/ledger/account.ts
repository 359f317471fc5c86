import type { Account } from "../plan/decide.ts";
import type { LinkedAccount } from "../plan/links.ts";
import { isMadeUnder, standsFor } from "../plan/stands-for.ts";
import type { Placed } from "./placed.ts";
import type { PlannedUser } from "./plan.ts";
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

/** The same, with what stands of them at the destination. */
export function plannedAccount(user: PlannedUser): Account {
  const account = accountOf(user, false);
  const { identities } = user;
  return {
    ...account,
    ...standingOf(user.placed, user.email),
    ...(identities !== undefined && { identities }),
    removed: wasRemoved(user.placed, account),
  };
}

/** Whether they had the account of their address, and somebody removed it at the destination. */
export function wasRemoved(
  placed: Placed | undefined,
  { email, emailVerified }: Pick<Account, "email" | "emailVerified">,
): boolean {
  if (placed?.state !== "removed" || email === null) return false;
  return standsFor({ emailVerified, fingerprint: placed.fingerprint }, email);
}

/** What stands of somebody who has this address now. */
export function standingOf(
  placed: Placed | undefined,
  email: string | null,
): Pick<Account, "written" | "standing"> {
  switch (placed?.state) {
    case "standing":
      // Where nobody knows its address, the destination says whether it is in the way.
      return isMadeUnder(placed.fingerprint, email)
        ? { written: true }
        : { written: true, standing: "elsewhere" };
    case "in_doubt":
      // Written as far as anybody knows: until it is known, nobody else of the same person takes its place.
      return { written: true, standing: "in_doubt" };
    default:
      return { written: false };
  }
}

/** As the rules of links look at them. */
export function linkedAccountOf(user: SourceUserRow): LinkedAccount {
  return {
    sub: user.sub,
    native: user.native === 1,
    emailVerified: user.email_verified === 1,
    createdAtMs: user.created_at_ms,
    clusterKey: user.cluster_key,
  };
}
