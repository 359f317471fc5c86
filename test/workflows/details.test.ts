import fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "../../src/domain/findings/kind.ts";
import { inSentence } from "../../src/domain/sentence.ts";
import { shellLine } from "../../src/domain/shell-line.ts";
import { detailsOf, gateSummary } from "../../src/workflows/details.ts";
import { freshState, type State } from "../../src/workflows/state.ts";
import { hostileName } from "../domain/hostile.ts";
import { activeTokens, renderedTokens } from "../domain/render.ts";
import { OPENED } from "./opened.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12, 5);
const words = ["./temporal", "workflow", "start", "--address", "a".repeat(60), "--namespace", "default"];

function details(change: Partial<State>, sentence: string | null = null): string {
  const waits = sentence === null ? null : { code: "ledger_owned", sentence, steps: [{ to: null, words }] };
  return detailsOf({ ...freshState(), opened: OPENED, ...change }, waits, null, NOW_MS);
}

const blockedBy = (sentence: string) =>
  details({ blocked: { status: "blocked", code: "ledger_owned", sentence, retries: null } }, sentence);

test("the state comes first, then short lines, the command on lines of its own, and where more is told", () => {
  const text = blockedBy(
    "The ledger says no. Run a still works; run `./spillway takeover a_b`, then resume.",
  );
  expect(text.split("\n\n").slice(0, 4)).toEqual([
    "**Blocked** in assess: `ledger_owned`",
    "The ledger says no.\\\nRun a still works; run `./spillway takeover a_b`, then resume.",
    `\`\`\`\n./temporal workflow start \\\n  --address ${"a".repeat(60)} \\\n  --namespace default\n\`\`\``,
    "`./spillway explain ledger_owned` says more.",
  ]);
});

test("a run that works shows its state and counts alone", () => {
  const text = details({
    phase: "users",
    totals: { users: { done: 1_200, failed: 1, skipped: 0, of: null } },
  });
  expect(text).toMatch(/^\*\*Running\*\* in users\n\n\| phase /);
  expect(text).toContain("| **users** | \u00a0\u00a01,200 |");
  expect(text).toContain("Pace: 10 writes/s, 10 Cognito pages/s.");
  expect(details({ done: true, phase: "report" })).toMatch(/^\*\*Done\*\*\n\n\| phase /);
});

test("a phase tells how long it took, the one at work since when, and all of it is of one minute", () => {
  const fromMs = NOW_MS - 600_000;
  const times = {
    snapshot: { fromMs, toMs: fromMs + 125_000 },
    users: { fromMs: NOW_MS - 60_000, toMs: null },
  };
  const text = details({
    phase: "users",
    totals: {
      snapshot: { done: 5, failed: 0, skipped: 0, of: 5 },
      users: { done: 2, failed: 0, skipped: 0, of: 5 },
    },
    times,
  });
  expect(text).toMatch(/^\| snapshot .*\u00a03\u00a0min \|$/m);
  expect(text).toMatch(/^\| \*\*users\*\* .*\u00a0since\u00a012:04 \|$/m);
  expect(text).toMatch(/\n\nAs of 2026-01-31 12:05 UTC\.$/);
});

test("a run that is done says in one word what verify came to", () => {
  const done = { done: true, phase: "report" } as const;
  expect(details({ ...done, verification: "verified" })).toMatch(/^\*\*Done\*\*, verified\n/);
  expect(details({ ...done, verification: "differs" })).toMatch(/^\*\*Done\*\*, differs\n/);
  expect(details({ ...done, verification: null })).toMatch(/^\*\*Done\*\*\n/);
});

test("a phase that the run leaves out has no row", () => {
  const rows = (change: Partial<State>) =>
    details(change)
      .match(/^\| \**(\w+)/gm)
      ?.join(" ") ?? "";
  expect(rows({})).toContain("resets");
  expect(rows({ opened: { ...OPENED, sendsResets: false } })).not.toContain("resets");
  expect(rows({ opened: { ...OPENED, dryRun: true } })).not.toMatch(/users|verify/);
  expect(rows({ opened: null })).toContain("users");
});

test("a full stop or a semicolon in a name or a command begins no line", () => {
  const text = blockedBy(
    "The group \"St. Ives; Inc. B\" is gone; run `./spillway lookup 'a. b; c'`. Then resume.",
  );
  expect(text.split("\n\n")[1]).toBe(
    "The group \"St. Ives; Inc. B\" is gone; run `./spillway lookup 'a. b; c'`.\\\nThen resume.",
  );
});

/** Every place of the details where a name from outside stands. */
function detailsWith(name: string): string {
  const advice = `Set up "${inSentence(name)}": \`./spillway credentials portal ${shellLine([name])}\`.`;
  const waits = {
    code: "organization_refused",
    sentence: `The destination refuses ${quoted(name)}. Mend it; resume.`,
    steps: [{ to: null, words: [...words, "--input", JSON.stringify({ name, reason: "why" })] }],
  };
  const missing = [{ name, fault: "not_configured", advice }];
  return detailsOf({ ...freshState(), opened: OPENED, phase: "credentials", missing }, waits, null, NOW_MS);
}

test("no name from outside becomes a link, an image, HTML or a block", () => {
  fc.assert(
    fc.property(hostileName, (name) => {
      const text = detailsWith(name);
      expect(activeTokens(text)).toEqual([]);
      const blocks = text.split("\n\n").map((part) => part.slice(0, 3));
      expect(blocks).toEqual(["**W", "The", "```", "- *", "| p", "Pac", "As "]);
    }),
    { numRuns: 500 },
  );
});

test("a command that is advised stands whole in code of its own, whatever it is about", () => {
  fc.assert(
    fc.property(hostileName, (name) => {
      const code = `./spillway credentials portal ${shellLine([name])}`;
      const pieces = code.split("|").map((piece) => piece.trim());
      const spans = renderedTokens(detailsWith(name)).filter(({ type }) => type === "codespan");
      const texts = spans.map((span) => ("text" in span ? span.text.trim() : ""));
      for (const piece of pieces.filter((one) => one !== ""))
        expect(texts).toContain(piece.replace(/\s+/g, " "));
    }),
  );
});

const waiting = (...names: string[]) => names.map((name) => ({ name, fault: null, advice: "" }));

test.each([
  ["every provider where there is room", waiting("Acme", "Globex"), "waits for Acme, Globex"],
  [
    "how many more there are",
    waiting("a".repeat(150), "b".repeat(90), "c"),
    `waits for ${"a".repeat(150)} and 2 more`,
  ],
  ["a count where no name fits", waiting("ü".repeat(150), "b"), "waits for 2 providers"],
  ["the first look", null, "first look at the providers"],
])("the gate's summary says %s", (_, missing, text) => {
  expect(gateSummary(missing)).toBe(text);
});

test("the gate's summary is within what Temporal takes, whoever it waits for", () => {
  fc.assert(
    fc.property(fc.array(hostileName, { maxLength: 400 }), (names) => {
      const bytes = Buffer.byteLength(JSON.stringify(gateSummary(waiting(...names))));
      expect(bytes).toBeLessThanOrEqual(200);
    }),
  );
});
