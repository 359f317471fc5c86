import { expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import { type Account, decideCluster } from "../../src/plan/decide.ts";
import { earlierSubOf, leaveToEarlier } from "../../src/plan/signed-up-again.ts";
import { account, policy } from "./accounts.ts";

const OLD = [{ sub: "old", email: "someone@example.com" }];

/** Sub → `create`, `merge into <sub>` or the reason of the skip. */
function decide(
  accounts: Account[],
  earlier: { sub: string; email: string | null }[] = OLD,
  decisions: Migration["users"]["decisions"] = {},
) {
  const decided = leaveToEarlier(
    decideCluster(accounts, policy({ decisions })),
    accounts,
    earlier,
    decisions,
  );
  return Object.fromEntries(
    decided.map(({ sub, action, reason, mergeInto }) => [
      sub,
      action === "merge" ? `merge into ${mergeInto}` : (reason ?? action),
    ]),
  );
}

test("whoever signed up again waits for a person", () => {
  expect(decide([account("a")])).toEqual({ a: "signed_up_again" });
  expect(decide([account("a", { emailVerified: false })])).toEqual({ a: "signed_up_again" });
  expect(decide([account("a")], [])).toEqual({ a: "create" });
});

test("nobody merges into somebody who signed up again", () => {
  expect(decide([account("a"), account("b")])).toEqual({ a: "signed_up_again", b: "signed_up_again" });
});

test("an account that stands already stays the one of its address", () => {
  const accounts = [account("a", { written: true }), account("b")];
  expect(decide(accounts)).toEqual({ a: "create", b: "merge into a" });
});

test("another address is nobody's earlier account", () => {
  expect(decide([account("a")], [{ sub: "old", email: "other@example.com" }])).toEqual({ a: "create" });
  expect(earlierSubOf("other@example.com", OLD)).toBeNull();
  expect(earlierSubOf("someone@example.com", OLD)).toBe("old");
});

test("whoever is left out anyway keeps the reason of their own", () => {
  expect(decide([account("a", { enabled: false })])).toEqual({ a: "disabled" });
  expect(decide([account("a")], OLD, { a: "skip" })).toEqual({ a: "decided_skip" });
});

test("a person's decision to import counts", () => {
  expect(decide([account("a")], OLD, { a: "import" })).toEqual({ a: "create" });
});
