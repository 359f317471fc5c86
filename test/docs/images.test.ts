import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outdated } from "../../tools/pictures/made-of.ts";
import { pages, ROOT } from "./pages.ts";

/** Pictures as pages show them: text for whoever does not see it, and path. */
const shown = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/!\[([^\]]*)\]\(([^)\s]*)\)/g)].map(([, alt = "", path = ""]) => ({
    page: name,
    alt,
    path: join(name, "..", path),
  })),
);

test("every picture that a page shows exists, and says in words what it shows", () => {
  expect(shown.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(shown.filter(({ alt }) => alt.trim() === "")).toEqual([]);
});

test("every picture is shown by a page", () => {
  const pictures = readdirSync(join(ROOT, "docs", "images")).filter((name) => name.endsWith(".png"));
  const paths = new Set(shown.map(({ path }) => path));
  expect(pictures.filter((name) => !paths.has(join("docs", "images", name)))).toEqual([]);
});

test("no picture is older than the code it shows", () => {
  expect(outdated(), "npm run pictures makes these anew; look at each before you commit it").toEqual([]);
});
