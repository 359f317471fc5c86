import fc from "fast-check";
import { expect, test } from "vitest";
import { REASONS } from "../../src/domain/outcomes.ts";
import { type Account, type Decision, decideCluster, type Policy } from "../../src/plan/decide.ts";
import { anyCluster, anyPolicy, NO_SUB, ODD_ADDRESSES, policy, REFUSED_EMAIL, shuffled } from "./accounts.ts";

interface Decided {
  account: Account;
  decision: Decision;
}

/** Checks what holds for every cluster, policy and set of decisions. */
function always(check: (decided: Decided[], accounts: Account[], policy: Policy, tooMany: boolean) => void) {
  fc.assert(
    fc.property(anyCluster, anyPolicy, fc.boolean(), (accounts, rules, tooMany) => {
      const decided = decideCluster(accounts, rules, { tooMany }).flatMap((decision) =>
        accounts.filter(({ sub }) => sub === decision.sub).map((account) => ({ account, decision })),
      );
      check(decided, accounts, rules, tooMany);
    }),
    { numRuns: 2_000 },
  );
}

const created = (decided: Decided[]) => decided.filter(({ decision }) => decision.action === "create");
const bySub = (decisions: Decision[]) => decisions.sort((a, b) => (a.sub < b.sub ? -1 : 1));
/** Somebody imported whose address is another one since, and who verified it not. */
const hasMoved = ({ account }: Decided) => account.standing === "elsewhere" && !account.emailVerified;
const merged = (decided: Decided[]) => decided.filter(({ decision }) => decision.action === "merge");

test("every account gets exactly one decision", () => {
  always((decided, accounts) => {
    expect(decided.map(({ decision }) => decision.sub).sort()).toEqual(accounts.map(({ sub }) => sub).sort());
  });
});

test("a cluster creates one account at most, beside those that stand under other addresses", () => {
  always((decided) => expect(created(decided).filter((one) => !hasMoved(one)).length).toBeLessThanOrEqual(1));
});

test("an account that stands under another address is left alone, whatever the others are", () => {
  always((decided, _, rules) => {
    for (const { account, decision } of decided.filter(hasMoved))
      expect(decideCluster([account], rules)).toEqual([decision]);
  });
});

test("whoever took an address in Cognito since, unverified, weighs no more than somebody with a link", () => {
  always((decided, accounts, rules, tooMany) => {
    const witnesses = decided.filter(hasMoved).map(({ account }) => account);
    const others = accounts.filter((account) => !witnesses.includes(account));
    const beside = decided.filter((one) => !hasMoved(one)).map(({ decision }) => decision);
    expect(bySub(beside)).toEqual(bySub(decideCluster(others, rules, { tooMany, witnesses })));
  });
});

test("a doubt about an unverified account keeps no verified one out", () => {
  always((decided) => {
    const doubtful = ({ account }: Decided) => account.standing === "in_doubt" && !account.emailVerified;
    const [primary] = created(decided).filter(doubtful);
    if (primary === undefined) return;
    for (const { account, decision } of decided)
      if (account.enabled && account.emailVerified) expect(decision.reason).toBe("decided_skip");
  });
});

test("a disabled account is skipped whatever was decided", () => {
  always((decided) => {
    for (const { account, decision } of decided) if (!account.enabled) expect(decision.action).toBe("skip");
  });
});

test("only verified accounts merge, into the created one", () => {
  always((decided) => {
    const primary = created(decided).find((one) => !hasMoved(one));
    for (const { account, decision } of merged(decided)) {
      expect(decision.mergeInto).toBe(primary?.account.sub);
      expect([account.emailVerified, primary?.account.emailVerified]).toEqual([true, true]);
    }
  });
});

test("an unverified account never stands before a verified one", () => {
  always((decided, accounts, { users }) => {
    const verified = accounts.some(
      ({ sub, enabled, emailVerified }) => enabled && emailVerified && users.decisions[sub] !== "skip",
    );
    for (const { account } of created(decided))
      if (verified && (!account.written || account.standing === "in_doubt"))
        expect(account.emailVerified).toBe(true);
  });
});

test("a decided skip is always obeyed", () => {
  always((decided, _, { users }) => {
    for (const { decision } of decided)
      if (users.decisions[decision.sub] === "skip") expect(decision.reason).toBe("decided_skip");
  });
});

test("whoever goes over has an accepted address", () => {
  always((decided) => {
    for (const { account, decision } of decided)
      if (decision.action !== "skip") {
        expect(account.email).not.toBeNull();
        expect(account.email).not.toBe(REFUSED_EMAIL);
      }
  });
});

test("an address that is never compared is refused, whatever the destination takes", () => {
  always((decided) => {
    for (const { account, decision } of decided)
      if (ODD_ADDRESSES.includes(account.email ?? "")) {
        expect(decision.action).toBe("skip");
        expect(merged(decided).map(({ decision }) => decision.mergeInto)).not.toContain(account.sub);
      }
  });
});

test("somebody without a sub is never sent, nor the one that others merge into", () => {
  always((decided, _, { users }) => {
    for (const { decision } of decided.filter(({ account }) => account.sub === NO_SUB))
      expect(decision.reason).toBe(users.decisions[NO_SUB] === "skip" ? "decided_skip" : "no_sub");
    expect(merged(decided).map(({ decision }) => decision.mergeInto)).not.toContain(NO_SUB);
  });
});

test("a written account stays the one that stands", () => {
  always((decided) => {
    const written = decided.filter(
      ({ account, decision }) =>
        account.written &&
        (account.emailVerified || account.standing === undefined) &&
        (decision.action !== "skip" || decision.reason === "unverified_duplicate"),
    );
    const primary = created(decided).find((one) => !hasMoved(one));
    if (written.length > 0) expect(primary?.account.written).toBe(true);
  });
});

test("what needs a decision waits for one", () => {
  always((decided, accounts, { users }, tooMany) => {
    const cluster = accounts.filter(({ sub }) => users.decisions[sub] !== "skip");
    const several = cluster.length > 1;
    const waits =
      tooMany ||
      (several && cluster.some(({ enabled }) => !enabled)) ||
      (several && !cluster.some(({ emailVerified }) => emailVerified));
    for (const { account, decision } of decided)
      if (waits && decision.action !== "skip" && users.decisions[account.sub] !== "import")
        expect([account.written, decision.action]).toEqual([true, "create"]);
  });
});

test("a decided import goes over unless a promise forbids", () => {
  always((decided, _, { users }) => {
    for (const { decision } of decided)
      if (users.decisions[decision.sub] === "import" && decision.action === "skip")
        expect(["disabled", "no_sub", "no_email", "email_refused", "unverified_duplicate"]).toContain(
          decision.reason,
        );
  });
});

test("the order of the rows does not matter", () => {
  fc.assert(
    fc.property(
      anyCluster.chain((accounts) => fc.tuple(fc.constant(accounts), shuffled(accounts))),
      anyPolicy,
      fc.boolean(),
      ([accounts, mixed], rules, tooMany) => {
        expect(bySub(decideCluster(mixed, rules, { tooMany }))).toEqual(
          bySub(decideCluster(accounts, rules, { tooMany })),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

test("planning again after the writes changes nothing", () => {
  always((decided, accounts, rules, tooMany) => {
    const writtenNow = new Set(created(decided).map(({ account }) => account.sub));
    const later = accounts.map((one) => ({ ...one, written: one.written || writtenNow.has(one.sub) }));
    const again = decideCluster(later, rules, { tooMany });
    expect(new Map(again.map((decision) => [decision.sub, decision]))).toEqual(
      new Map(decided.map(({ decision }) => [decision.sub, decision])),
    );
  });
});

test("every reason has its explanation", () => {
  always((decided) => {
    for (const { decision } of decided)
      if (decision.reason !== null) expect(Object.keys(REASONS)).toContain(decision.reason);
  });
});

test("an empty cluster needs no decision", () => {
  expect(decideCluster([], policy())).toEqual([]);
});
