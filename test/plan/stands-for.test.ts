import { expect, test } from "vitest";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import { isMadeUnder, standsFor } from "../../src/plan/stands-for.ts";

const writtenAs = (email: string) =>
  recordFingerprint({
    externalId: "sub",
    email,
    emailVerified: false,
    firstName: null,
    lastName: null,
    metadata: { email: "a@example.com" },
  });

test("a verified address is that of the account, whatever it was made under", () => {
  for (const fingerprint of [null, writtenAs("old@example.com")])
    expect(standsFor({ emailVerified: true, fingerprint }, "a@example.com")).toBe(true);
});

test("one that nobody verified is so only where the account was made under it", () => {
  const stands = (fingerprint: string | null) =>
    standsFor({ emailVerified: false, fingerprint }, "a@example.com");
  expect(stands(writtenAs("a@example.com"))).toBe(true);
  expect(stands(writtenAs("old@example.com"))).toBe(false);
  expect(stands(null)).toBe(false);
});

test("two addresses whose hashes begin alike are two", () => {
  const [made, taken] = ["a2123934@evil.example", "a29697159@evil.example"];
  expect(isMadeUnder(fingerprintOf({ email: made }), made)).toBe(true);
  expect(isMadeUnder(fingerprintOf({ email: made }), taken)).toBe(false);
});
