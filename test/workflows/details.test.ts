import fc from "fast-check";
import { expect, test } from "vitest";
import { detailsOf } from "../../src/workflows/details.ts";
import { freshState, type State } from "../../src/workflows/state.ts";
import { OPENED } from "./opened.ts";

const words = ["temporal", "workflow", "update", "execute", "--name", "resume"];

function details(change: Partial<State>, sentence: string | null = null): string {
  const waits = sentence === null ? null : { code: "ledger_owned", sentence, steps: [{ to: null, words }] };
  return detailsOf({ ...freshState(), opened: OPENED, ...change }, waits, null);
}

const blockedBy = (sentence: string) =>
  details({ blocked: { status: "blocked", code: "ledger_owned", sentence, retries: null } }, sentence);

test("the state comes first, then short lines, then the command on lines of its own", () => {
  const text = blockedBy(
    "The ledger says no. Run a still works; run `./spillway takeover a_b`, then resume.",
  );
  expect(text.split("\n\n").slice(0, 3)).toEqual([
    "**Blocked** in assess: `ledger_owned`",
    "The ledger says no.\\\nRun a still works;\\\nrun `./spillway takeover a_b`, then resume.",
    "```\ntemporal workflow update execute \\\n  --name resume\n```",
  ]);
});

test("a run that works shows its state and counts alone", () => {
  const text = details({
    phase: "users",
    totals: { users: { done: 1_200, failed: 1, skipped: 0, of: null } },
  });
  expect(text).toMatch(/^\*\*Running\*\* in users\n\n\| phase /);
  expect(text).toContain("| **users** | \u00a0\u00a0\u00a01,200 |");
  expect(text).toContain("Pace: 10 writes/s, 10 Cognito pages/s.");
  expect(details({ done: true, phase: "report" })).toMatch(/^\*\*Done\*\*\n\n\| phase /);
});

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("`", "\n", "|", "<", "[", "]", "(", "!", "#", "-", ". ", "; ", "\u202e", "a"),
  }),
);

/** What is left of Markdown once fences, code spans and escapes are taken out: what begins a line still does. */
function markup(text: string): string {
  return text
    .replace(/^```\n[\s\S]*?\n```$/gm, "")
    .replace(/\\[!-/:-@[-`{-~]/g, "x")
    .replace(/<\/?code>/g, "")
    .replace(/(`+)[^\n]*?[^`]\1(?!`)/g, "x");
}

test("no sentence makes a link, an image, HTML or a block", () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const lines = markup(blockedBy(`The pool has ${name}.`)).split("\n");
      const table = lines.findIndex((line) => line.startsWith("| phase"));
      for (const line of lines.slice(1, table)) expect(line).not.toMatch(/[<>[\]|!#*_]|^\s*([-+=]|\d+[.)])/);
    }),
  );
});

test("no provider's name leaves its point of the list", () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const missing = [{ name, fault: null, advice: `Set up ${name}.` }];
      const text = details({ phase: "credentials", missing }, "The run waits.");
      const points = text.split("\n\n").filter((part) => part.startsWith("- **"));
      expect(points).toHaveLength(1);
      expect(points[0]?.split("\n")).toHaveLength(1);
    }),
  );
});
