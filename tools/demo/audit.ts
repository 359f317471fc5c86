import { grouped } from "../../src/commands/format.ts";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { auditMemberships } from "./audit-memberships.ts";
import { auditApplications, auditOnce, auditPlaced } from "./audit-set-up.ts";
import { auditUsers } from "./audit-users.ts";
import { keptSecrets } from "./secrets-side.ts";
import { isUserCreation, journalSince, type WorkosState } from "./workos-side.ts";
import type { World } from "./world.ts";

/** One thing that must be true, and what speaks against it. */
export interface Claim {
  text: string;
  wrong: readonly string[];
}

/** Looks at both sides without a word of the product's own rules. `gateCalls` is what `playGate` resolves with. */
export async function audit(
  { pool, workosUrl, secretsPath }: World,
  workos: WorkosState,
  outcomes: readonly UserOutcome[],
  gateCalls: number | null,
): Promise<Claim[]> {
  return [
    {
      text: "Everyone has one outcome; who is imported has one account, with the right fields.\nNobody disabled came in, and there is no account too many.",
      wrong: auditUsers(pool.users, workos, outcomes),
    },
    {
      text: "Everyone who came in belongs to the organization of their tenant, with the role of\nthe group of theirs that ranks first, and to no other.",
      wrong: auditMemberships(pool, workos, outcomes),
    },
    {
      text: "No user was made before Google was verified and Apple was skipped.",
      wrong: await auditGate(workosUrl, gateCalls),
    },
    {
      text: "Connections stand in their organizations; roles have their permissions.",
      wrong: auditPlaced(workos),
    },
    {
      text: "Each application has its one secret, the one in secrets.json, which only its owner\ncan read; public ones have none.",
      wrong: auditApplications(pool, workos, await keptSecrets(secretsPath)),
    },
    { text: "Nothing was ever made twice.", wrong: auditOnce(workos) },
  ];
}

async function auditGate(workosUrl: string, gateCalls: number | null): Promise<string[]> {
  if (gateCalls === null) return ["the run did not wait for the providers"];
  const early = (await journalSince(workosUrl, 0)).filter(
    (entry) => isUserCreation(entry) && entry.seq <= gateCalls,
  );
  return early.length === 0 ? [] : [`${grouped(early.length)} users were made before`];
}
