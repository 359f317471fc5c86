import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTemplates, templateFor } from "../../src/delivery/templates.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** A folder with these files, each a template with its name as its subject unless its text is given. */
function folderWith(...names: (string | [name: string, text: string])[]): string {
  const folder = freshFolder();
  for (const one of names) {
    const [name, text] = typeof one === "string" ? [one, `Subject: ${one}\n\n{{link}}\n`] : one;
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function subjectsFor(path: string, languages: readonly (string | null)[]): Promise<string[]> {
  const loaded = await loadTemplates(path);
  if (!loaded.ok) throw new Error(loaded.sentence);
  return languages.map((language) => templateFor(loaded.value, language).subject);
}

test("each person gets the text of their language, the language it is of, or everybody's", async () => {
  const folder = folderWith(
    "reset.txt",
    "reset.de.txt",
    "reset.pt-BR.txt",
    "reset.zh_hant.txt",
    "other.fr.txt",
  );
  const languages = {
    de: "reset.de.txt",
    "de-AT": "reset.de.txt",
    DE_at: "reset.de.txt",
    " de_DE.UTF-8 ": "reset.de.txt",
    "pt-BR": "reset.pt-BR.txt",
    pt_br: "reset.pt-BR.txt",
    pt: "reset.txt",
    "pt-PT": "reset.txt",
    "zh-Hant-TW": "reset.zh_hant.txt",
    "de-x-home": "reset.de.txt",
    fr: "reset.txt",
    "": "reset.txt",
    "not a language": "reset.txt",
    __proto__: "reset.txt",
  };
  const subjects = await subjectsFor(join(folder, "reset.txt"), Object.keys(languages));
  expect(subjects).toEqual(Object.values(languages));
  expect(await subjectsFor(join(folder, "reset.txt"), [null])).toEqual(["reset.txt"]);
});

test("everybody's text may be named for its language, or have no ending", async () => {
  const named = folderWith("reset.en.txt", "reset.de.txt");
  expect(await subjectsFor(join(named, "reset.en.txt"), ["fr", "de", "en-GB"])).toEqual([
    "reset.en.txt",
    "reset.de.txt",
    "reset.en.txt",
  ]);
  const plain = folderWith("reset", "reset.de");
  expect(await subjectsFor(join(plain, "reset"), ["fr", "de"])).toEqual(["reset", "reset.de"]);
});

test("without a file there is one text for everybody", async () => {
  const loaded = await loadTemplates(null);
  expect(loaded).toMatchObject({ ok: true });
  if (loaded.ok) expect(templateFor(loaded.value, "de")).toBe(loaded.value.everybody);
});

test.each([
  [
    "says no link",
    ["reset.de.txt", "Subject: Hallo\n\nKein Link.\n"],
    "reset.de.txt has no {{link}} in its text; put one in, or nobody can set a password.",
  ],
  [
    "is named for no language",
    ["reset.german.txt", ""],
    "reset.german.txt is named for no language; name it as reset.de.txt or reset.pt-BR.txt are named, or move it away.",
  ],
  [
    "is one more of a language",
    ["reset.PT_br.txt", "Subject: a\n\n{{link}}\n"],
    "reset.pt-BR.txt is one more for pt-BR; keep one.",
  ],
] as const)("a sibling that %s is refused by its name", async (_, [name, text], sentence) => {
  const folder = folderWith("reset.txt", "reset.pt-BR.txt", [name, text]);
  expect(await loadTemplates(join(folder, "reset.txt"))).toEqual({
    ok: false,
    sentence: `The mail template ${join(folder, sentence)}`,
  });
});

test("a folder with the name of a sibling is refused, a broken text for everybody first", async () => {
  const folder = folderWith("reset.txt");
  mkdirSync(join(folder, "reset.de.txt"));
  expect(await loadTemplates(join(folder, "reset.txt"))).toMatchObject({
    sentence: expect.stringContaining("reset.de.txt cannot be read: it is a folder"),
  });
  expect(await loadTemplates(join(folder, "missing.txt"))).toMatchObject({
    sentence: expect.stringContaining("missing.txt cannot be read: it does not exist"),
  });
});
