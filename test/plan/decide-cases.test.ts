import { describe, expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import { type Account, decideCluster, MAX_CLUSTER } from "../../src/plan/decide.ts";
import { account, policy, REFUSED_EMAIL, STATUSES } from "./accounts.ts";

/** Sub → `create`, `merge into <sub>` or the reason of the skip. */
function decide(
  accounts: Account[],
  users: Partial<Migration["users"]> = {},
  tooMany = false,
  witnesses: Account[] = [],
) {
  return Object.fromEntries(
    decideCluster(accounts, policy(users), { tooMany, witnesses }).map(
      ({ sub, action, reason, mergeInto }) => [
        sub,
        action === "merge" ? `merge into ${mergeInto}` : (reason ?? action),
      ],
    ),
  );
}

describe("one account alone", () => {
  test.each(["constructor", "toString", "__proto__"])("nobody decided about the sub %s", (sub) => {
    expect(decide([account(sub, { status: "COMPROMISED" })])).toEqual(
      Object.fromEntries([[sub, "quarantined_status"]]),
    );
  });

  test.each([
    ["CONFIRMED", "create"],
    ["UNCONFIRMED", "create"],
    ["FORCE_CHANGE_PASSWORD", "create"],
    ["RESET_REQUIRED", "create"],
    ["EXTERNAL_PROVIDER", "create"],
    ["ARCHIVED", "quarantined_status"],
    ["COMPROMISED", "quarantined_status"],
    ["UNKNOWN", "quarantined_status"],
    ["A_STATUS_OF_TOMORROW", "quarantined_status"],
  ])("%s is decided as %s", (status, expected) => {
    expect(decide([account("a", { status })])).toEqual({ a: expected });
    expect(decide([account("a", { status, emailVerified: false })])).toEqual({ a: expected });
  });

  test.each(STATUSES)("a disabled %s never goes over", (status) => {
    const disabled = account("a", { status, enabled: false });
    expect(decide([disabled])).toEqual({ a: "disabled" });
    expect(decide([disabled], { quarantined: "import", decisions: { a: "import" } })).toEqual({
      a: "disabled",
    });
  });

  test.each([
    [{ status: "UNCONFIRMED" }, { unconfirmed: "skip" }, "unconfirmed"],
    [{ status: "UNCONFIRMED" }, { unconfirmed: "skip", decisions: { a: "import" } }, "create"],
    [{ status: "COMPROMISED" }, { quarantined: "import" }, "create"],
    [{ status: "COMPROMISED" }, { decisions: { a: "import" } }, "create"],
    [{}, { decisions: { a: "skip" } }, "decided_skip"],
    [{ enabled: false }, { decisions: { a: "skip" } }, "decided_skip"],
    [{ email: null }, {}, "no_email"],
    [{ email: null }, { decisions: { a: "import" } }, "no_email"],
    [{ email: REFUSED_EMAIL }, {}, "email_refused"],
    [{ email: REFUSED_EMAIL }, { decisions: { a: "import" } }, "email_refused"],
  ] as const)("%o under %o is decided as %s", (change, users, expected) => {
    expect(decide([account("a", change)], users)).toEqual({ a: expected });
  });
});

describe("several accounts with one address", () => {
  const unverified = { emailVerified: false };
  const federated = { native: false, status: "EXTERNAL_PROVIDER" };

  test("native goes before federated, then the earliest", () => {
    expect(
      decide([
        account("a", { ...federated, createdAtMs: 1 }),
        account("b", { createdAtMs: 3 }),
        account("c", { createdAtMs: 2 }),
      ]),
    ).toEqual({ a: "merge into c", b: "merge into c", c: "create" });
  });

  test("of the same moment the first sub goes", () => {
    expect(decide([account("b"), account("a")])).toEqual({ a: "create", b: "merge into a" });
  });

  test("unverified ones are skipped beside a verified one", () => {
    expect(
      decide([account("a", { ...unverified, createdAtMs: 1 }), account("b", federated), account("c")]),
    ).toEqual({
      a: "unverified_duplicate",
      b: "merge into c",
      c: "create",
    });
  });

  test("nobody verified waits for a decision", () => {
    const accounts = [account("a", unverified), account("b", unverified)];
    expect(decide(accounts)).toEqual({ a: "decision_nobody_verified", b: "decision_nobody_verified" });
    expect(decide(accounts, { decisions: { b: "import" } })).toEqual({
      a: "decision_nobody_verified",
      b: "create",
    });
    expect(decide(accounts, { decisions: { a: "import", b: "import" } })).toEqual({
      a: "create",
      b: "unverified_duplicate",
    });
    expect(decide(accounts, { decisions: { a: "skip" } })).toEqual({ a: "decided_skip", b: "create" });
  });

  test("a disabled member makes all wait", () => {
    const accounts = [account("a"), account("b"), account("c", { enabled: false })];
    expect(decide(accounts)).toEqual({
      a: "decision_disabled_member",
      b: "decision_disabled_member",
      c: "disabled",
    });
    expect(decide(accounts, { decisions: { b: "import" } })).toEqual({
      a: "decision_disabled_member",
      b: "create",
      c: "disabled",
    });
    expect(decide(accounts, { decisions: { c: "skip" } })).toEqual({
      a: "create",
      b: "merge into a",
      c: "decided_skip",
    });
  });

  test("too many accounts make all wait", () => {
    expect(decide([account("a"), account("b")], { decisions: { b: "import" } }, true)).toEqual({
      a: "decision_too_many",
      b: "create",
    });
  });

  test("a quarantined verified owner keeps others out", () => {
    expect(decide([account("a", { status: "COMPROMISED" }), account("b", unverified)])).toEqual({
      a: "quarantined_status",
      b: "unverified_duplicate",
    });
  });

  test("a written account stays primary", () => {
    expect(decide([account("a"), account("b", { ...federated, written: true })])).toEqual({
      a: "merge into b",
      b: "create",
    });
    expect(decide([account("a"), account("b", { ...unverified, written: true })])).toEqual({
      a: "unverified_duplicate",
      b: "create",
    });
  });

  test("somebody imported who took the address since, unverified, keeps nobody out", () => {
    const taker = account("t", { ...unverified, createdAtMs: 1, written: true, standing: "elsewhere" });
    expect(decide([account("a"), taker])).toEqual({ a: "create", t: "create" });
    expect(decide([account("a"), account("b"), taker])).toEqual({
      a: "create",
      b: "merge into a",
      t: "create",
    });
    const alsoUnverified = account("a", unverified);
    expect(decide([alsoUnverified, taker])).toEqual({ a: "decision_nobody_verified", t: "create" });
    expect(decide([alsoUnverified, taker], { decisions: { a: "import" } })).toEqual({
      a: "create",
      t: "create",
    });
    expect(decide([alsoUnverified, taker], { decisions: { t: "skip" } })).toEqual({
      a: "create",
      t: "decided_skip",
    });
  });

  test("an unverified account of which nobody knows whether it stands is not sent before a verified one", () => {
    const doubtful = account("t", { ...unverified, written: true, standing: "in_doubt" });
    expect(decide([account("a"), doubtful])).toEqual({ a: "create", t: "unverified_duplicate" });
    expect(decide([doubtful])).toEqual({ t: "create" });
    expect(decide([account("a", unverified), doubtful])).toEqual({
      a: "decision_nobody_verified",
      t: "create",
    });
  });

  const linked = { identities: ["google 118"] };
  const home = { email: "home@example.com" };

  test("somebody imported who took one of a person's addresses, unverified, keeps none of theirs out", () => {
    const taker = account("t", { ...unverified, ...home, written: true, standing: "elsewhere" });
    const person = [account("a", linked), account("g", { ...federated, ...home, ...linked })];
    expect(decide([...person, taker])).toEqual({ a: "create", g: "merge into a", t: "create" });
  });

  test("a stranger who stands under one address of a person keeps them out of that one alone", () => {
    const stranger = account("t", { ...unverified, ...home, written: true });
    const own = account("a", linked);
    const other = account("g", { ...federated, ...home, ...linked });
    const expected = { a: "create", g: "merge into a", t: "create" };
    expect(decide([stranger, own, other])).toEqual(expected);
    expect(decide([stranger, { ...own, written: true }, other])).toEqual(expected);
    expect(decide([stranger, other])).toEqual({ g: "unverified_duplicate", t: "create" });
  });

  test("two linked accounts, of which one claims somebody's address, are not before its owner", () => {
    const claims = account("m", { ...unverified, ...linked, createdAtMs: 1 });
    const stands = account("g", { ...unverified, ...home, ...linked, written: true });
    expect(decide([account("a", { createdAtMs: 2 }), claims, stands])).toEqual({
      a: "create",
      g: "create",
      m: "unverified_duplicate",
    });
  });

  test("whoever is one person with somebody verified stays the one that stands, whatever their address", () => {
    for (const standing of ["elsewhere", "in_doubt", undefined] as const) {
      const moved = { ...unverified, ...home, ...linked, written: true };
      const stands = account("g", standing === undefined ? moved : { ...moved, standing });
      expect(decide([account("a", linked), stands])).toEqual({ a: "unverified_duplicate", g: "create" });
    }
  });

  test("of two written ones the one with the address there stays, however old the other is", () => {
    const older = account("t", { createdAtMs: 1, written: true, standing: "elsewhere" });
    expect(decide([account("a", { createdAtMs: 2, written: true }), older])).toEqual({
      a: "create",
      t: "merge into a",
    });
  });

  test("a written account that verified its new address stays the one of it", () => {
    expect(decide([account("a"), account("t", { written: true, standing: "elsewhere" })])).toEqual({
      a: "merge into t",
      t: "create",
    });
  });

  test("a written account stays where others wait", () => {
    const accounts = [account("a"), account("b", { written: true }), account("c", { enabled: false })];
    expect(decide(accounts)).toEqual({ a: "decision_disabled_member", b: "create", c: "disabled" });
    expect(decide(accounts, { decisions: { a: "import" } })).toEqual({
      a: "merge into b",
      b: "create",
      c: "disabled",
    });
  });
});

describe("beside somebody with the same address whom a link took elsewhere", () => {
  const unverified = { emailVerified: false };
  const beside = (
    change: Partial<Account>,
    witness: Partial<Account>,
    users: Partial<Migration["users"]> = {},
  ) => decide([account("a", change)], users, false, [account("w", witness)]);

  test("whoever is disabled makes the others wait", () => {
    const disabled = { ...unverified, enabled: false };
    expect(beside({}, disabled)).toEqual({ a: "decision_disabled_member" });
    expect(beside(unverified, disabled)).toEqual({ a: "decision_disabled_member" });
    expect(beside({}, disabled, { decisions: { a: "import" } })).toEqual({ a: "create" });
    expect(beside({}, disabled, { decisions: { w: "skip" } })).toEqual({ a: "create" });
  });

  test("an address that nobody verified is nobody's", () => {
    expect(beside(unverified, unverified)).toEqual({ a: "decision_nobody_verified" });
    expect(beside({}, unverified)).toEqual({ a: "create" });
  });

  test("an unverified account does not stand before a verified one", () => {
    expect(beside(unverified, {})).toEqual({ a: "unverified_duplicate" });
  });

  test("a crowd is no person", () => {
    const crowd = Array.from({ length: MAX_CLUSTER }, (_, index) => account(`w${index}`, unverified));
    expect(decide([account("a")], {}, false, crowd)).toEqual({ a: "decision_too_many" });
  });
});

describe("an account of the cluster was removed at the destination", () => {
  const removed = account("r", { removed: true });
  const held = "removed_at_destination";

  test("nobody comes back as another account of theirs", () => {
    expect(decide([removed, account("a"), account("b")])).toEqual({ r: held, a: held, b: held });
    const linked = account("a", { email: "other@example.com" });
    expect(decide([removed, linked])).toEqual({ r: held, a: held });
    const unverified = account("r", { removed: true, emailVerified: false });
    expect(decide([unverified, account("a")])).toEqual({ r: held, a: held });
  });

  test("the account that a person names is made, and stands for the others", () => {
    const federated = account("b", { native: false, createdAtMs: 9_000 });
    const accounts = [removed, account("a"), federated];
    expect(decide(accounts, { decisions: { b: "import" } })).toEqual({
      r: "merge into b",
      a: "merge into b",
      b: "create",
    });
    expect(decide(accounts, { decisions: { b: "import", r: "import" } })).toMatchObject({ b: "create" });
  });

  test("leaving the removed one out by name brings nobody back", () => {
    expect(decide([removed, account("a")], { decisions: { r: "skip" } })).toEqual({
      r: "decided_skip",
      a: held,
    });
  });

  test("one that stands keeps its people, and one in doubt that is not verified brings nobody back", () => {
    const standing = account("a", { written: true });
    expect(decide([removed, standing, account("b")])).toMatchObject({ a: "create", b: "merge into a" });
    const doubtful = account("a", { written: true, standing: "in_doubt", emailVerified: false });
    expect(decide([removed, doubtful, account("b")])).toMatchObject({ b: held });
  });

  test("whoever merely claims the address is told as before", () => {
    const claims = account("a", { emailVerified: false });
    expect(decide([removed, claims])).toEqual({ r: "create", a: "unverified_duplicate" });
    expect(decide([removed, claims, account("b")])).toEqual({ r: held, a: "unverified_duplicate", b: held });
  });

  test("alone it needs no decision: no run makes it again", () => {
    expect(decide([removed])).toEqual({ r: "create" });
  });
});
