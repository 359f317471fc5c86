import { expect, test } from "vitest";
import { findAccount } from "../../src/activities/verify/follow-account.ts";
import type { Verifying } from "../../src/activities/verify/verifying.ts";
import type { Placed } from "../../src/ledger/placed.ts";

test("the clock of a call stands still while the second one waits for its slot", async () => {
  const steps: string[] = [];
  const step = (name: string) => void steps.push(name);
  const nobody = async (name: string) => {
    step(name);
    return { ok: true, value: null } as const;
  };
  const verifying = {
    destination: {
      callTimeoutMs: 10_000,
      facts: { slots: { read: ["reads"] } },
      users: { find: () => nobody("by our key"), findById: () => nobody("by its id") },
    },
    slots: { next: async () => step("a slot") },
    // What it asks for.
  } as unknown as Pick<Verifying, "destination" | "slots">;
  const operation = {
    pause: () => step("the clock stops"),
    resume: () => step("the clock goes on"),
    restart: (limitMs: number) => step(`the clock starts anew, at ${limitMs}`),
  };
  const placed = { key: "sub", destinationId: "user_1" } as Placed;
  expect(await findAccount(verifying, placed, operation)).toEqual({ ok: true, value: null });
  expect(steps).toEqual([
    "by our key",
    "the clock stops",
    "a slot",
    "the clock starts anew, at 10000",
    "by its id",
  ]);
});
