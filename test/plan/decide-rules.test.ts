import fc from "fast-check";
import { expect, test } from "vitest";
import { REASONS } from "../../src/domain/outcomes.ts";
import { type Account, type Decision, decideCluster, type Policy } from "../../src/plan/decide.ts";
import { peopleOf } from "../../src/plan/people.ts";
import {
  anyCluster,
  anyLinkedCluster,
  anyPolicy,
  NO_SUB,
  ODD_ADDRESSES,
  policy,
  REFUSED_EMAIL,
  shuffled,
} from "./accounts.ts";

interface Decided {
  account: Account;
  decision: Decision;
}

/** Checks what holds for every cluster, policy and set of decisions. */
function always(
  check: (decided: Decided[], accounts: Account[], policy: Policy, tooMany: boolean) => void,
  cluster = anyCluster,
) {
  fc.assert(
    fc.property(cluster, anyPolicy, fc.boolean(), (accounts, rules, tooMany) => {
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
/** Unverified, and there already: it keeps what it has. */
const isSettled = ({ account }: Decided) =>
  account.written && !account.emailVerified && account.standing !== "in_doubt";
const merged = (decided: Decided[]) => decided.filter(({ decision }) => decision.action === "merge");

test("every account gets exactly one decision", () => {
  always((decided, accounts) => {
    expect(decided.map(({ decision }) => decision.sub).sort()).toEqual(accounts.map(({ sub }) => sub).sort());
  }, anyLinkedCluster);
});

test("a cluster creates one verified account at most", () => {
  always((decided) => {
    const verified = created(decided).filter(({ account }) => account.emailVerified);
    expect(verified.length).toBeLessThanOrEqual(1);
  }, anyLinkedCluster);
});

test("nobody of a person is made beside one that stands", () => {
  always((decided, accounts, { users }) => {
    const people = peopleOf(accounts.filter(({ sub }) => users.decisions[sub] !== "skip"));
    const made = created(decided).flatMap(({ account }) => people.get(account.sub) ?? []);
    expect(new Set(made).size).toBe(made.length);
  }, anyLinkedCluster);
});

test("an address has one account at most", () => {
  always((decided) => {
    const there = created(decided).filter(({ account }) => account.standing !== "elsewhere");
    const emails = there.map(({ account }) => account.email);
    expect(new Set(emails).size).toBe(emails.length);
  }, anyLinkedCluster);
});

test("an unverified account that stands is in nobody's way but at its own address", () => {
  always((decided, accounts, rules, tooMany) => {
    const isAlone = ({ account }: Decided) =>
      accounts.every((one) => one === account || one.email !== account.email);
    const strangers = decided.filter((one) => isSettled(one) && isAlone(one)).map(({ account }) => account);
    const others = accounts.filter((account) => !strangers.includes(account));
    const beside = decided.filter(({ account }) => others.includes(account)).map(({ decision }) => decision);
    expect(bySub(beside)).toEqual(bySub(decideCluster(others, rules, { tooMany, witnesses: strangers })));
  });
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
    const primary = created(decided).find((one) => !isSettled(one));
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
    if (written.length > 0) expect(created(decided).some(({ account }) => account.written)).toBe(true);
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

test("whoever was removed comes back as no other account of theirs, unless a person names it", () => {
  always((decided, accounts, { users }) => {
    if (!accounts.some(({ removed }) => removed)) return;
    for (const { account } of created(decided))
      if (!account.removed && !account.written && account.emailVerified)
        expect(users.decisions[account.sub]).toBe("import");
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
      anyLinkedCluster.chain((accounts) => fc.tuple(fc.constant(accounts), shuffled(accounts))),
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
  }, anyLinkedCluster);
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
