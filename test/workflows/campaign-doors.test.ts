import fc from "fast-check";
import { expect, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { FAST_PACE, progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { cases, partsOf } from "../plan/doors-cases.ts";
import { type Case, campaignMails, type Person } from "../plan/doors-model.ts";

const LONG_TEST_MS = 120_000;
const PEOPLE = 60;

/** Files, each for a pool of random people, and the pace at which they are looked at: by pages, or one by one. */
const FILES: [Partial<Case["file"]>, perSecond: number][] = [
  [{ unverified: "send", alreadyThere: "send", onlyOurs: false, quarantined: "import" }, 500],
  [{ unverified: "skip", alreadyThere: "skip", onlyOurs: true, unconfirmed: "import" }, 50],
  [{ unverified: "send", alreadyThere: "skip", onlyOurs: false, quarantined: "skip" }, 50],
];

/** Whom the campaign of a whole run mails, against what the documents say. */
test.each(FILES)(
  "random people get what the documents say of the campaign: %o",
  {
    timeout: LONG_TEST_MS,
  },
  async (rules, perSecond) => {
    const people = await waitingForApproval(rules, perSecond);
    const { stage, run, all } = people;
    for (const { one, user } of all) becomeToday(stage, one, user);
    // That somebody is missing is believed a minute after the import; the test does not wait for that minute.
    await stage.withLedger((ledger) =>
      ledger.write((tx) =>
        tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
      ),
    );
    await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
    await run.result();
    const mailed = stage.workos.journal.entries
      .filter(({ operation, status }) => operation === "createPasswordReset" && status === 201)
      .map(({ key }) => key);
    const expected = all.filter(({ one }) => campaignMails(one)).map(({ one }) => one.snapshot?.email);
    expect(mailed.toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(5);
    expect(expected.length).toBeLessThan(PEOPLE - 5);
  },
);

interface Somebody {
  one: Case;
  user: PoolUser;
}

let pools = 0;

async function waitingForApproval(rules: Partial<Case["file"]>, perSecond: number) {
  pools += 1;
  const pool = plainPool({ users: PEOPLE, poolId: `eu-west-1_doors${process.pid}x${pools}` });
  const all = samples(rules).map((one, index) => standFor(one, pool.users[index]));
  const decisions = Object.assign({}, ...all.map(({ one, user }) => partsOf(one, user.sub).users.decisions));
  const { passwordResets, users } = partsOf(all[0]?.one ?? never(), "");
  const stage = await setStage({
    pool,
    file: {
      pace: FAST_PACE,
      passwordResets: { ...passwordResets, send: true, acceptMfaLoss: true, canary: 0, perSecond },
      users: { ...users, decisions, onExisting: "adopt" },
    },
  });
  stage.workos.seed(
    all
      .filter(({ one }) => one.account?.how === "adopted")
      .map(({ one }) => ({ email: one.snapshot?.email ?? "", email_verified: true })),
  );
  await stage.work();
  const run = await stage.start();
  await until("the run waits for an approval", async () => {
    const { state, waitsFor } = await progressOf(run);
    if (state === "Blocked") throw new Error(waitsFor?.sentence);
    return state === "Waiting";
  });
  return { stage, run, all };
}

/** Everybody is listed, and imported unless the plan leaves them out. */
function samples(rules: Partial<Case["file"]>): Case[] {
  const listed = cases.filter(({ snapshot }) => snapshot !== null);
  return fc.sample(listed, { numRuns: PEOPLE, seed: 20_261_129 }).map((one, index) => {
    const named = (person: Person | null) =>
      person === null ? null : { ...person, email: `${index}.${person.email}` };
    const { account, snapshot } = one;
    // An account of somebody else's making is adopted by an address that is verified on both sides.
    const how = account !== null && snapshot?.verified ? account.how : "created";
    return {
      ...one,
      snapshot: named(snapshot),
      today: named(one.today),
      account: {
        how,
        signedIn: false,
        email: named(snapshot)?.email ?? "",
        verified: snapshot?.verified ?? false,
      },
      file: { ...one.file, quarantined: "skip", unconfirmed: "skip", ...rules },
    };
  });
}

function standFor(one: Case, user: PoolUser = never()): Somebody {
  if (one.snapshot !== null) become(user, one.snapshot);
  return { one, user };
}

function become(user: PoolUser, { status, enabled, verified, email }: Person): void {
  Object.assign(user, { status, enabled });
  Object.assign(user.attributes, { email, email_verified: String(verified) });
}

function becomeToday({ pool, workos }: Stage, { today, removed }: Case, user: PoolUser): void {
  if (today === null) pool.users.splice(pool.users.indexOf(user), 1);
  else become(user, today);
  const account = [...workos.users.values()].find(({ external_id }) => external_id === user.sub);
  if (removed && account !== undefined) removeUser(workos.stores, account);
}

function never(): never {
  throw new Error("The pool is too small.");
}
