import type { Ledger } from "../ledger/ledger.ts";
import { outcomesAfter, type UserOutcome } from "../ledger/outcomes.ts";
import { decisionsAmong } from "../ledger/plan.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { modeOf } from "./mode.ts";

/** Bounds memory and keeps every statement short. */
const SLICE_USERS = 1_000;

type Reported = Pick<MigrationRow, "id" | "generation" | "file">;

/** Everyone's outcome in order of sub, a slice in memory at a time; of a plan, what a run would make of them. */
export async function* allOutcomes(ledger: Ledger, migration: Reported): AsyncGenerator<UserOutcome> {
  for await (const slice of outcomeSlices(ledger, migration)) yield* slice;
}

/** The same, slice by slice. */
export async function* outcomeSlices(
  ledger: Ledger,
  migration: Reported,
): AsyncGenerator<readonly UserOutcome[]> {
  const slices = slicesAfter(
    "",
    ({ sub }: UserOutcome) => sub,
    (after) => ledger.read((db) => outcomesAfter(db, migration, after, SLICE_USERS)),
  );
  for await (const slice of slices)
    yield modeOf(migration) === "plan" ? await asPlanned(ledger, migration, slice) : slice;
}

/** Whom nobody has tried yet ends as the plan has it; whom it has not come to stays open. */
async function asPlanned(
  ledger: Ledger,
  migration: Reported,
  users: readonly UserOutcome[],
): Promise<UserOutcome[]> {
  const open = users.filter(({ outcome }) => outcome === "open").map(({ sub }) => sub);
  const decisions = await ledger.read((db) => decisionsAmong(db, runOf(migration), open));
  return users.map((user) => {
    const decision = user.outcome === "open" ? decisions.get(user.sub) : undefined;
    if (decision === undefined || decision.action === "skip") return user;
    const outcome = decision.action === "merge" ? "merged" : "imported";
    return { ...user, outcome, reason: decision.reason };
  });
}
