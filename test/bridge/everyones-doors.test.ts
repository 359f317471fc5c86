import fc from "fast-check";
import { expect, test } from "vitest";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { cases, partsOf } from "../plan/doors-cases.ts";
import { type Case, forgottenPasswordMails, isLetIn, isProven, type Person } from "../plan/doors-model.ts";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, keepPool, PASSWORD, startBridge, useFile } from "./rig.ts";

const TEST_MS = 180_000;
/** Some of them are of nobody. */
const CASES = 600;

type Door = "forgot" | "sign-in" | "/fusionauth/connector" | "/password-hook" | "/descope/verify";
const EXPECTED: Readonly<Record<Door, (one: Case) => boolean>> = {
  forgot: forgottenPasswordMails,
  "sign-in": isLetIn,
  "/fusionauth/connector": isProven,
  "/password-hook": isProven,
  "/descope/verify": isProven,
};
const DOORS = ["forgot", "forgot", "sign-in", "sign-in", ...Object.keys(EXPECTED)] as Door[];
/** Doors whose destination keeps the password itself. */
const ASKED: Partial<Record<Door, (email: string) => object>> = {
  "/fusionauth/connector": (loginId) => ({ loginId, password: PASSWORD }),
  "/password-hook": (identifier) => ({ identifier, password: PASSWORD }),
  "/descope/verify": (email) => ({ email, password: PASSWORD }),
};

/** Whom the doors mail, make and let in over HTTP, against what the documents say. */
test("random people at each door get what the documents say", { timeout: TEST_MS }, async () => {
  const settings = {
    SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "100000",
    SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "100000",
    SPILLWAY_BRIDGE_ROUTES: "sign-in,fusionauth,password-hook,descope",
  };
  const rig = await startBridge({ settings, vendors: [asking] });
  const random = fc.sample(fc.tuple(cases, fc.constantFrom(...DOORS)), { numRuns: CASES, seed: 20_261_129 });
  const seen = { forgot: 0, "sign-in": 0, proven: 0, refused: 0 };
  const somebody = random.filter(([{ snapshot, today }]) => snapshot !== null || today !== null);
  for (const [number, [one, door]] of somebody.entries()) {
    const own = withOwnAddress(one, number);
    const before = await standIn(rig, own);
    const expected = EXPECTED[door](own);
    const isAsked = ASKED[door] !== undefined;
    const got = await knock(rig, door, own);
    expect({ door, own, ...got }).toEqual({
      door,
      own,
      isIn: expected,
      // Nobody gets an account whom the documents refuse, and nobody a second one.
      accounts: before.accounts + Number(expected && own.account === null && !isAsked),
    });
    seen[expected ? kindOf(door) : "refused"] += 1;
  }
  // The cases are no matter of one side alone.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
});

const kindOf = (door: Door) => (door === "forgot" || door === "sign-in" ? door : "proven");

function withOwnAddress(one: Case, number: number): Case {
  const named = <T extends { email: string }>(holder: T | null) =>
    holder === null ? null : { ...holder, email: `${number}.${holder.email}` };
  return {
    ...one,
    snapshot: named(one.snapshot),
    today: named(one.today),
    account: named(one.account),
  };
}

/** Brings the case about: the snapshot first, then what became of them. */
async function standIn(rig: BridgeRig, one: Case) {
  const first = one.snapshot ?? one.today;
  if (first !== null) {
    const user = await rig.add(partsOfPerson(first), one.snapshot !== null);
    await useFile(rig, partsOf(one, user.sub));
    if (one.account !== null || one.removed) {
      const { signedIn = false, verified = true, email = first.email } = one.account ?? {};
      await rig.imported(user, {
        email,
        verified,
        ...(signedIn && { lastSignInAt: "2026-01-01T00:00:00.000Z" }),
        isRemoved: one.removed,
      });
    }
    becomeToday(rig, user, one.today);
  }
  await keepPool(rig, { mfa: one.poolHasFactors ? "ON" : "OFF" });
  return { accounts: rig.workos.users.size };
}

const partsOfPerson = ({ status, enabled, verified, email }: Person) => ({
  status,
  enabled,
  email,
  emailVerified: verified,
});

function becomeToday({ cognito }: BridgeRig, user: PoolUser, today: Person | null): void {
  const { users } = cognito.pool;
  if (today === null) users.splice(users.indexOf(user), 1);
  else {
    Object.assign(user, { status: today.status, enabled: today.enabled });
    Object.assign(user.attributes, { email: today.email, email_verified: String(today.verified) });
  }
}

async function knock(rig: BridgeRig, door: Door, one: Case) {
  const mails = () =>
    rig.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset").length;
  const before = mails();
  let isIn: boolean;
  if (door === "forgot") {
    const { status } = await rig.post("/forgot-password", {
      email: (one.account ?? one.snapshot ?? one.today)?.email,
    });
    expect(status).toBe(202);
    await rig.serving.bridge.context.afterAnswers.idle();
    isIn = mails() === before + 1;
  } else {
    const email = (one.today ?? one.snapshot)?.email ?? "";
    const body = ASKED[door]?.(email);
    const ask = () => (body === undefined ? rig.signIn(email) : rig.post(door, body));
    let answer = await ask();
    // On a busy machine an answer may take longer than FusionAuth waits: the person tries again.
    while (answer.status === 503) answer = await ask();
    isIn = answer.status === 200;
    expect(mails()).toBe(before);
  }
  return { isIn, accounts: rig.workos.users.size };
}
