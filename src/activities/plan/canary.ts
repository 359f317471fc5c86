import type { Draft } from "../../domain/findings.ts";
import type { Action } from "../../domain/outcomes.ts";
import { accountOf } from "../../ledger/account.ts";
import { whyNoMail } from "../../ledger/campaign.ts";
import type { Db } from "../../ledger/ledger.ts";
import { mailedAmong } from "../../ledger/mails.ts";
import { placedAmong } from "../../ledger/placed.ts";
import { decisionsAmong } from "../../ledger/plan.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import { sourceUsersBySub } from "../../ledger/source-users.ts";
import { namedCanary, unmailedCanary, type WhyUnmailed } from "../../plan/findings/canary.ts";
import { type NoResetReason, noResetReason } from "../../plan/reset-policy.ts";
import type { Concluding } from "./concluding.ts";

/** Whom the file names to be mailed first, and who gets no mail by plan and policy; strangers are told apart. */
export async function canaryWithoutMail({ ledger, run, file }: Concluding): Promise<Draft[]> {
  const named = namedCanary(file.passwordResets);
  const reasons = await ledger.read(async (db) => {
    const mailed = await mailedAmong(db, run.migrationId, named);
    const left = named.filter((sub) => !mailed.has(sub));
    return reasonsAmong(db, run, file.passwordResets, left);
  });
  return unmailedCanary(file, (sub) => reasons.get(sub) ?? null);
}

async function reasonsAmong(
  db: Db,
  run: RunOfMigration,
  policy: Concluding["file"]["passwordResets"],
  subs: readonly string[],
): Promise<Map<string, WhyUnmailed>> {
  const { migrationId } = run;
  const sources = await sourceUsersBySub(db, migrationId, subs);
  const decisions = await decisionsAmong(db, run, subs);
  const placed = await placedAmong(db, migrationId, "user", subs);
  const reasons = new Map<string, WhyUnmailed>();
  for (const [sub, source] of sources) {
    if (source.generation !== run.generation) continue;
    const account = placed.get(sub);
    const standing = account?.state === "standing" ? account : null;
    const candidate = { ...accountOf(source, false), how: standing?.how ?? "created" };
    const reason =
      noResetReason(candidate, policy) ??
      whyNoAccount(decisions.get(sub)?.action) ??
      (await whyNoLonger(db, migrationId, sub, standing?.destinationId ?? null));
    if (reason !== null) reasons.set(sub, reason);
  }
  return reasons;
}

function whyNoAccount(action: Action | undefined): WhyUnmailed | null {
  if (action === "merge") return "merged into another account";
  return action === "create" ? null : "left_out";
}

async function whyNoLonger(
  db: Db,
  migrationId: number,
  sub: string,
  userId: string | null,
): Promise<NoResetReason | null> {
  if (userId === null) return null;
  const why = await whyNoMail(db, migrationId, { sub, userId });
  return why === "move_under_way" || why === "ask_under_way" ? null : why;
}
