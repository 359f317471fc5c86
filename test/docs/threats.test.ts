import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { page, ROOT } from "./pages.ts";

/** The threat of docs/security.md, and the test that tries it: its file below test/, and its title. */
const TESTS: readonly [threat: string, file: string, title: string][] = [
  [
    "Somebody without the secret calls the bridge",
    "bridge/attacks.test.ts",
    "a caller who shows %s is refused",
  ],
  [
    "A signed call is replayed, or changed",
    "bridge/attacks.test.ts",
    "a signed call is taken once, and never when replayed",
  ],
  ["The secret is guessed", "domain/guessable.test.ts", "%j can be guessed"],
  [
    "Passwords are read on their way",
    "bridge/start.test.ts",
    "a bridge that would put passwords or people at risk says so and ends: %j",
  ],
  [
    "A hostile request brings a door down, or writes",
    "bridge/hostile-bodies.test.ts",
    "1,000 hostile requests are refused with a 4xx each, and nothing comes of them",
  ],
  [
    "Requests that never end hold the bridge, or fill its log",
    "bridge/broken-bodies.test.ts",
    "bodies that break off over %s are counted, and are no defect",
  ],
  [
    "Passwords are tried",
    "bridge/attacks.test.ts",
    "1,000 wrong passwords for one account: ten are asked about in a minute, the right one neither",
  ],
  [
    "Somebody is locked out by an attacker's tries",
    "bridge/attacks.test.ts",
    "an address that tried too much uses up nobody's tries",
  ],
  [
    "Answers tell who is known",
    "bridge/sign-in.test.ts",
    "unknown people and wrong passwords get the same answer, and nothing is written",
  ],
  [
    "An old password comes in after a new one",
    "bridge/old-against-new.test.ts",
    "a reset that is completed while Cognito answers wins",
  ],
  [
    "Somebody comes past a second factor",
    "bridge/old-against-new.test.ts",
    "nobody gets past the second factor %s of Cognito",
  ],
  ["A look-alike address opens somebody's account", "bridge/attacks.test.ts", "%s opens nobody's account"],
  [
    "A sign-up with somebody's address takes their account",
    "bridge/old-against-new.test.ts",
    "an unverified native account takes no verified person's place",
  ],
  [
    "Sign-ups with somebody's address keep their mail from them",
    "bridge/strangers-claims.test.ts",
    "a claim of an address, unverified, %s and enabled %s, keeps no mail from whoever signs in with it at WorkOS",
  ],
  [
    "Somebody removed at WorkOS signs up anew",
    "bridge/signed-up-again.test.ts",
    "nor once the next run lists their new account; the old one listed: %s",
  ],
  [
    "A token of another pool, or of somebody else, proves a person",
    "bridge/faults.test.ts",
    "a token of another pool proves nobody",
  ],
  [
    "A proof that nobody heard counts as a password that came over",
    "bridge/contracts.test.ts",
    "who hung up before the answer of %s has heard no proof",
  ],
  ["An outage is taken for a wrong password", "bridge/faults.test.ts", "answers that are none are outages"],
  [
    "Somebody's mailbox is flooded",
    "bridge/forgot-password.test.ts",
    "nobody is mailed more than three times a minute",
  ],
  [
    "A reset mail goes to a stranger",
    "bridge/later-runs.test.ts",
    "whoever has another address in Cognito by now gets no mail at the old one",
  ],
  [
    "A reset link is read on its way, or leads elsewhere",
    "delivery/mail-sink.test.ts",
    "a reset link to %s is mailed by nobody, and quoted nowhere",
  ],
  [
    "A mail header is smuggled in by an address",
    "delivery/smtp-sink.test.ts",
    "an address that is no plain one is never used: %j",
  ],
  [
    "A forged, changed or foreign token opens an application",
    "tokens/attacks.test.ts",
    "1,000 hostile tokens are refused with a 401 or a 503 each, and no id map is asked",
  ],
  [
    "A logout token passes for an ID token",
    "tokens/refusals.test.ts",
    "$name that tells of a logout is refused, by its type or what it says",
  ],
  [
    "Others on the machine read the ledger",
    "ledger/open.test.ts",
    "a SQLite ledger that others could read is closed to them: file, log and index",
  ],
  [
    "Passwords or tokens stay in a log or a table",
    "bridge/privacy.test.ts",
    "passwords, addresses, tokens and secrets stand in no log and in no table, at the level debug",
  ],
  [
    "Personal data reaches Temporal, a log or a metric",
    "faults/privacy.test.ts",
    "no history, log or metric holds personal data",
  ],
  [
    "Secrets of providers or applications leak",
    "faults/secrets.test.ts",
    "no secret reaches ledger, log, history or report",
  ],
  [
    "A name from outside acts on the terminal",
    "commands/hostile-names.test.ts",
    "a provider's name cannot act on the terminal",
  ],
  [
    "A name from outside acts in the Temporal UI or a report",
    "domain/markdown.test.ts",
    "no value becomes a link, an image, HTML or a block",
  ],
];

test("each threat of the page has its test, and each test its threat", () => {
  const [, list = ""] = page("docs/security.md").split("## Threats");
  const threats = [...list.matchAll(/^- \*\*(.+):\*\* /gm)].map((match) => match[1] ?? "");
  expect(TESTS.map(([threat]) => threat)).toEqual(threats);
});

test.each(TESTS)("%s: the test in %s exists", (_, file, title) => {
  const source = readFileSync(join(ROOT, "test", file), "utf8");
  expect(source).toContain(`"${title}"`);
});
