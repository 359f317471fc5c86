import { describe, expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import { type Account, decideCluster } from "../../src/plan/decide.ts";
import {
  type EarlierAccount,
  earlierOf,
  leaveToEarlier,
  removedAddresses,
} from "../../src/plan/signed-up-again.ts";
import { account, policy } from "./accounts.ts";

const OLD = [{ sub: "old", email: "someone@example.com", removed: false }];

/** Sub → `create`, `merge into <sub>` or the reason of the skip. */
function decide(
  accounts: Account[],
  earlier: EarlierAccount[] = OLD,
  decisions: Migration["users"]["decisions"] = {},
) {
  const decided = leaveToEarlier(
    decideCluster(accounts, policy({ decisions }), { removedAddresses: removedAddresses(earlier) }),
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
  expect(decide([account("a")], [{ sub: "old", email: "other@example.com", removed: false }])).toEqual({
    a: "create",
  });
  expect(earlierOf("other@example.com", OLD)).toBeUndefined();
  expect(earlierOf("someone@example.com", OLD)?.sub).toBe("old");
});

test("whoever is left out anyway keeps the reason of their own", () => {
  expect(decide([account("a", { enabled: false })])).toEqual({ a: "disabled" });
  expect(decide([account("a")], OLD, { a: "skip" })).toEqual({ a: "decided_skip" });
});

test("a person's decision to import counts", () => {
  expect(decide([account("a")], OLD, { a: "import" })).toEqual({ a: "create" });
});

describe("of somebody whom Cognito lists no more, the account was removed at the destination", () => {
  const REMOVED = OLD.map((one) => ({ ...one, removed: true }));

  test("whoever has the address, verified, waits for a person", () => {
    const both = { a: "removed_at_destination", b: "removed_at_destination" };
    expect(decide([account("a"), account("b")], REMOVED)).toEqual(both);
    expect(decide([account("a"), account("b", { native: false })], REMOVED, { b: "import" })).toEqual({
      a: "merge into b",
      b: "create",
    });
  });

  test("whoever merely claims the address does not", () => {
    expect(decide([account("a", { emailVerified: false })], REMOVED)).toEqual({ a: "create" });
  });

  test("an account that stands there is told first", () => {
    const earlier = [...REMOVED, { sub: "older", email: "someone@example.com", removed: false }];
    expect(decide([account("a")], earlier)).toEqual({ a: "signed_up_again" });
    expect(earlierOf("someone@example.com", earlier)?.sub).toBe("older");
  });

  test("one that stands for these people keeps them", () => {
    expect(decide([account("a", { written: true }), account("b")], REMOVED)).toEqual({
      a: "create",
      b: "merge into a",
    });
  });
});
