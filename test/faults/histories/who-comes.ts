import type { Pool, PoolUser } from "../../doubles/pool/pool.ts";
import type { Rules, World } from "./world.ts";

/** Who gets an account, by the documents ("What comes over", "Reasons"). */

export type Decision =
  | { does: "create" | "skip" }
  | { does: "merge"; into: string }
  /** A person decides: whoever stands may be as before or as planned. */
  | { does: "open" };

export const addressOf = ({ attributes }: PoolUser) => (attributes.email ?? "").trim().toLowerCase();
export const isVerified = ({ attributes }: PoolUser) => attributes.email_verified === "true";

export function decide(world: World, { users }: Pool, { only }: Rules): Map<string, Decision> {
  const decisions = new Map<string, Decision>();
  const subs = new Set(users.map(({ sub }) => sub));
  for (const [address, same] of Map.groupBy(users, addressOf)) {
    if (address === "" || (only !== null && !same.some(({ sub }) => only.includes(sub)))) continue;
    const gone = [...world.book].filter(([sub, { written }]) => {
      const listed = world.listed.get(sub);
      const isTheirs = listed?.email === address && (listed.verified || written.email === address);
      return !subs.has(sub) && isTheirs;
    });
    const states = gone.map(([, { state }]) => state);
    for (const [sub, decision] of together(world, same, states)) decisions.set(sub, decision);
  }
  return decisions;
}

/** Those of one address; `gone` is what became of the accounts of people who had it and left the pool. */
function together(world: World, same: PoolUser[], gone: string[]): [string, Decision][] {
  const stateOf = ({ sub }: PoolUser) => world.book.get(sub)?.state;
  const stands = (user: PoolUser) => stateOf(user) === "standing";
  const needsPerson = same.length > 1 && (same.some(({ enabled }) => !enabled) || !same.some(isVerified));
  const candidates = same.filter(({ enabled }) => enabled);
  if (needsPerson) return candidates.filter(stands).map(({ sub }) => [sub, { does: "open" }]);
  const unverified = candidates.find((user) => stands(user) && !isVerified(user));
  if (unverified !== undefined) return [[unverified.sub, { does: "create" }]];
  const [first] = candidates.toSorted(
    (a, b) =>
      Number(isVerified(b)) - Number(isVerified(a)) ||
      Number(stands(b)) - Number(stands(a)) ||
      Number(a.status === "EXTERNAL_PROVIDER") - Number(b.status === "EXTERNAL_PROVIDER") ||
      a.createdAtMs - b.createdAtMs,
  );
  if (first === undefined) return [];
  if (!stands(first)) {
    if (gone.includes("standing")) return [];
    const isRemoved = gone.includes("removed") && isVerified(first);
    if (isRemoved || candidates.some((user) => stateOf(user) === "removed")) return [];
  }
  const merged = candidates.filter((user) => user !== first && isVerified(user));
  return [
    [first.sub, { does: "create" }],
    ...merged.map(({ sub }): [string, Decision] => [sub, { does: "merge", into: first.sub }]),
  ];
}

/** How everybody of the pool has ended after a run of everybody, by the documents ("Outcomes"). */
export function outcomesIn(world: World, { users }: Pool, decisions: ReadonlyMap<string, Decision>) {
  const stands = (sub: string) => world.book.get(sub)?.state === "standing";
  return new Map(
    users.map(({ sub }) => {
      const decision = decisions.get(sub);
      if (decision?.does === "merge" && stands(decision.into)) return [sub, "merged"];
      return [sub, stands(sub) ? "imported" : "skipped"];
    }),
  );
}
