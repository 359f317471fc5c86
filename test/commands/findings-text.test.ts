import { expect, test } from "vitest";
import { findingsText } from "../../src/commands/findings-text.ts";
import { finding } from "../../src/domain/findings.ts";

test("findings stand by how serious they are, each sentence once, within the lines", () => {
  const drafts = [
    finding("group_prefix_unknown", { prefix: "org-" }),
    finding("user_migration_trigger", null),
    finding("group_prefix_unknown", { prefix: "org-" }),
    finding("pool_size", { poolId: "p", estimatedUsers: 3 }),
  ];
  expect(findingsText(drafts, 60)).toBe(
    [
      "Info     Cognito estimates 3 users. The snapshot counts",
      "         them.",
      "Warning  The pool has a user migration trigger: a sign-in",
      "         may create users while the pool is being read.",
      "         Start a second run later: it brings those who came",
      "         meanwhile.",
      'Blocker  No group of the pool begins with "org-", the prefix',
      "         of organizations. Mend the migration file and start",
      "         again.",
    ].join("\n"),
  );
  expect(findingsText([], 60)).toBe("");
});
