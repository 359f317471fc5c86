import { expect, test } from "vitest";
import { madeOf } from "../../../tools/pictures/made-of.ts";

const SOURCES: Readonly<Record<string, string>> = {
  "src/a.ts": 'import { b } from "./deep/b.ts";\nimport type { T } from "./types.ts";\nexport const a = b;',
  "src/deep/b.ts": "/** What it is. */\nexport const b = 1;",
};

function digest(change: Readonly<Record<string, string>> = {}): string {
  const all = { ...SOURCES, ...change };
  return madeOf(["src/a.ts"], (path) => {
    const text = all[path];
    if (text === undefined) throw new Error(`${path} makes nothing of it.`);
    return text;
  });
}

test("what a file loads makes the picture too, its types do not", () => {
  expect(digest({ "src/deep/b.ts": "export const b = 2;" })).not.toBe(digest());
  expect(digest({ "src/types.ts": "export type T = string;" })).toBe(digest());
});

test("comments and indentation make no other picture", () => {
  expect(digest({ "src/deep/b.ts": "// Another word.\n\n  export const b = 1;" })).toBe(digest());
});
