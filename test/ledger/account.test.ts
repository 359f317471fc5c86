import { expect, test } from "vitest";
import { plannedAccount } from "../../src/ledger/account.ts";
import type { Placed } from "../../src/ledger/placed.ts";
import type { SourceUserRow } from "../../src/ledger/source-users.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";

const MADE_UNDER = "old@example.com";

function standing(email: string, state: Placed["state"] = "standing") {
  const user: SourceUserRow = {
    migration_id: 1,
    sub: "a",
    username: "a",
    attributes: "{}",
    status: "CONFIRMED",
    enabled: 1,
    native: 1,
    email,
    email_verified: 0,
    cluster_key: email,
    created_at_ms: 1,
    modified_at_ms: 1,
    identities_broken: 0,
    generation: 1,
  };
  const placed: Placed = {
    kind: "user",
    key: "a",
    state,
    destinationId: "user_1",
    how: "created",
    fingerprint: fingerprintOf({ email: MADE_UNDER }),
    details: null,
    firstClaimedAtMs: 1,
    writtenAtMs: 1,
    seenGeneration: null,
  };
  const account = plannedAccount({ ...user, placed });
  return { written: account.written, standing: account.standing, removed: account.removed };
}

test("an account stands where it was made, or elsewhere", () => {
  expect(standing(MADE_UNDER)).toEqual({ written: true, standing: undefined, removed: false });
  expect(standing("new@example.com")).toEqual({ written: true, standing: "elsewhere", removed: false });
  expect(standing(MADE_UNDER, "in_doubt")).toEqual({ written: true, standing: "in_doubt", removed: false });
  expect(standing(MADE_UNDER, "removed")).toEqual({ written: false, standing: undefined, removed: true });
});

test("a removal counts for an address that the account was made under", () => {
  expect(standing("new@example.com", "removed")).toMatchObject({ removed: false });
});
