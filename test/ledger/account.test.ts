import { expect, test } from "vitest";
import { plannedAccount } from "../../src/ledger/account.ts";
import type { Placed } from "../../src/ledger/placed.ts";
import type { SourceUserRow } from "../../src/ledger/source-users.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";

const MADE_UNDER = "old@example.com";

function standing(email: string, clusterKey: string, state: Placed["state"] = "standing") {
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
    cluster_key: clusterKey,
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
  return { written: account.written, standing: account.standing };
}

test("an account stands where it was made, or elsewhere", () => {
  expect(standing(MADE_UNDER, MADE_UNDER)).toEqual({ written: true, standing: undefined });
  expect(standing("new@example.com", "new@example.com")).toEqual({ written: true, standing: "elsewhere" });
  expect(standing(MADE_UNDER, MADE_UNDER, "in_doubt")).toEqual({ written: true, standing: "in_doubt" });
  expect(standing(MADE_UNDER, MADE_UNDER, "removed")).toEqual({ written: false, standing: undefined });
});

test.each(["standing", "in_doubt"] as const)(
  "whom a link brought to others is one person with them, whatever their address (%s)",
  (state) => {
    expect(standing("new@example.com", "others@example.com", state)).toEqual({
      written: true,
      standing: undefined,
    });
  },
);
