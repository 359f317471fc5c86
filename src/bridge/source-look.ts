import type { SourceProblem } from "../cognito/source.ts";
import type { SourceUser } from "../domain/pool.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NoAnswer, outage, THROTTLED_BY_SOURCE } from "./outcomes.ts";
import type { Today } from "./today.ts";

/** Each costs a call at once: so many accounts of one person there are not. */
const MAX_LOOKED_AT = 10;

/**
 * What Cognito has of these people now: asked before an account is made, and before any mail, of everybody on whose state
 * it rests. An outage says nothing, so that nothing is done.
 */
export async function lookAtSource(
  { source, countPage }: BridgeDeps,
  migration: MigrationRow,
  subs: readonly string[],
): Promise<{ ok: true; today: Today } | { ok: false; outcome: NoAnswer }> {
  const all = [...new Set(subs)];
  if (all.length > MAX_LOOKED_AT) return { ok: false, outcome: outage("too_many_to_look_at") };
  const answers = await Promise.all(
    all.map(async (sub) => {
      countPage(migration);
      return { sub, found: await source.findUser(sub) };
    }),
  );
  const today = new Map<string, SourceUser | null>();
  for (const { sub, found } of answers) {
    if (!found.ok) return { ok: false, outcome: noAnswerOf(found) };
    today.set(sub, found.value);
  }
  return { ok: true, today };
}

function noAnswerOf(problem: SourceProblem): NoAnswer {
  if (problem.problem === "slow_down") return THROTTLED_BY_SOURCE;
  return outage(`ListUsers: ${"code" in problem ? problem.code : problem.problem}`);
}
