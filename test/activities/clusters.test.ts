import { expect } from "vitest";
import { nextClusters, type PlanPosition } from "../../src/activities/plan/clusters.ts";
import type { SourceUser } from "../../src/domain/pool.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import { sourceUser, testOnBoth, upsertPages } from "../ledger/ledgers.ts";

const RUN = { migrationId: 1, generation: 2 };

/** Their subs are in an order of their own, as a pool's are. */
function people(count: number, emailOf: (index: number) => string): SourceUser[] {
  return Array.from({ length: count }, (_, index) => {
    const sub = String((index * 7_919) % 10_007).padStart(5, "0");
    return sourceUser(`${emailOf(index).slice(0, 1)}${sub}`, { attributes: { email: emailOf(index) } });
  });
}

interface Walked {
  subs: string[];
  isPart: boolean;
}

/** The whole walk: whoever comes is decided at once, as the plan does in one transaction. */
async function walk(ledger: Ledger): Promise<Walked[][]> {
  const slices: Walked[][] = [];
  for (let after: PlanPosition | null = null; ; ) {
    const from: PlanPosition | null = after;
    const { clusters, end } = await ledger.write(async (tx) => {
      const slice = await nextClusters(tx, RUN, from);
      const subs = slice.clusters.flatMap(({ users }) => users.map(({ sub }) => sub));
      await writeDecisions(
        tx,
        RUN,
        subs.map((sub) => ({
          sub,
          action: "skip",
          reason: "not_selected",
          mergeInto: null,
          fingerprint: null,
        })),
      );
      return slice;
    });
    slices.push(clusters.map(({ users, isPart }) => ({ subs: users.map(({ sub }) => sub), isPart })));
    if (end === null) return slices;
    after = end;
  }
}

testOnBoth("each cluster comes once and whole, wherever its people lie", async ({ open }) => {
  const ledger = await open();
  const alone = people(700, (index) => `s${index}@x.io`);
  const pairs = people(900, (index) => `p${index % 450}@x.io`);
  const families = people(1_000, (index) => `f${index % 4}@x.io`);
  await upsertPages(ledger, 1, [people(50, (index) => `old${index}@x.io`)]);
  await upsertPages(ledger, 2, [alone, pairs, families]);
  const slices = await walk(ledger);
  const clusters = slices.flat();
  expect(clusters.flatMap(({ subs }) => subs).sort()).toEqual(
    [...alone, ...pairs, ...families].map(({ sub }) => sub).sort(),
  );
  expect(clusters.filter(({ isPart }) => isPart)).toEqual([]);
  const ofSize = (size: number) => clusters.filter(({ subs }) => subs.length === size).length;
  expect([ofSize(1), ofSize(2), ofSize(250)]).toEqual([700, 450, 4]);
  const largest = Math.max(...slices.map((slice) => slice.flatMap(({ subs }) => subs).length));
  expect(largest).toBeLessThan(500 + 250);
});

testOnBoth("a cluster that is too large to hold comes in parts, and the others whole", async ({ open }) => {
  const ledger = await open();
  const before = people(300, (index) => `a${index}@x.io`);
  const crowd = people(1_500, () => "crowd@x.io");
  const after = people(400, (index) => `d${index % 200}@x.io`);
  await upsertPages(ledger, 2, [after, crowd, before]);
  const clusters = (await walk(ledger)).flat();
  expect(clusters.flatMap(({ subs }) => subs).sort()).toEqual(
    [...before, ...crowd, ...after].map(({ sub }) => sub).sort(),
  );
  const parts = clusters.filter(({ isPart }) => isPart);
  expect(parts.map(({ subs }) => subs.length)).toEqual([500, 500, 500]);
  expect(new Set(parts.flatMap(({ subs }) => subs))).toEqual(new Set(crowd.map(({ sub }) => sub)));
  const ofSize = (size: number) => clusters.filter(({ subs }) => subs.length === size).length;
  expect([ofSize(1), ofSize(2)]).toEqual([300, 200]);
});

testOnBoth("whom a link took elsewhere is a witness at their own address", async ({ open }) => {
  const ledger = await open();
  const user = (sub: string, email: string, verified = "true") =>
    sourceUser(sub, { attributes: { email, email_verified: verified } });
  await upsertPages(ledger, 1, [[user("gone", "a@x.io", "false")]]);
  await upsertPages(ledger, 2, [
    [user("a", "a@x.io"), user("b", "b@x.io"), user("linked", "a@x.io", "false"), user("c", "c@x.io")],
  ]);
  await ledger.write((tx) => setClusterKey(tx, 1, ["gone", "linked", "b"], "b@x.io"));
  const { clusters } = await ledger.write((tx) => nextClusters(tx, RUN, null));
  const seen = clusters.map(({ users, witnesses }) => [subsOf(users), subsOf(witnesses)]);
  expect(seen).toEqual([
    [["a"], ["linked"]],
    [["b", "linked"], []],
    [["c"], []],
  ]);
});

function subsOf(users: readonly { sub: string }[]): string[] {
  return users.map(({ sub }) => sub).sort();
}
