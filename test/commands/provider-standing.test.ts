import { expect, test } from "vitest";
import { credentialsText } from "../../src/commands/credentials-text.ts";
import { providerStanding } from "../../src/commands/provider-standing.ts";
import { checkOf, providerOf } from "../report/set-ups.ts";

const FATE = {
  kind: "dashboard",
  provider: "AppleOAuth",
  page: "https://dashboard.example.com",
  redirectUri: "https://api.example.com/callback",
  consoleHint: "It is there.",
} as const;

test("what stays skipped is told with its reason, since when, and how to take it back", () => {
  const check = checkOf("Apple", { state: "skipped", reason: "nobody uses it", earlier: 1 });
  const standing = providerStanding(providerOf("Apple"), FATE, check, false);
  expect(standing).toMatchObject({ state: "skipped", reason: "nobody uses it", sinceEarlierRun: true });
  const text = credentialsText({ providers: [standing], clients: [] }, "file:secrets", 200);
  expect(text).toMatch(/^ {2}Apple {2}Google {2}skipped since an earlier run\n {6}nobody uses it\n/m);
  expect(text).toContain("To take that back, set it up: a run then counts it as verified by itself.");
  expect(text).toContain("turn AppleOAuth on");
  expect(text).toContain("Nothing is missing.");

  const now = providerStanding(providerOf("Apple"), FATE, { ...check, earlier: 0 }, false);
  expect(now).toMatchObject({ sinceEarlierRun: false, whatToDo: [] });
});
