import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { StoreAnswer } from "../secrets/secret-store.ts";
import { canonicalLanguage, lookupOrder } from "./languages.ts";
import { loadTemplate, type Template, wrong } from "./template.ts";

/** The texts of a mail: one for everybody, and those of single languages. */
export interface Templates {
  everybody: Template;
  /** By language as BCP 47 spells it, for example `pt-BR`. */
  byLanguage: ReadonlyMap<string, Template>;
}

/**
 * Reads the file, or the text that is built in, and its siblings: beside `reset.txt` stand `reset.de.txt` and
 * `reset.pt-BR.txt`. The sentence says what to change in which file.
 */
export async function loadTemplates(path: string | null): Promise<StoreAnswer<Templates>> {
  const everybody = await loadTemplate(path);
  if (!everybody.ok) return everybody;
  const byLanguage = new Map<string, Template>();
  if (path === null) return { ok: true, value: { everybody: everybody.value, byLanguage } };
  const siblings = await siblingsOf(path);
  if (!siblings.ok) return siblings;
  for (const sibling of siblings.value) {
    const language = languageOf(sibling, path);
    if (language === null) return wrong(`The mail template ${sibling} ${NO_LANGUAGE}`);
    if (byLanguage.has(language))
      return wrong(`The mail template ${sibling} is one more for ${language}; keep one.`);
    const template = await loadTemplate(sibling);
    if (!template.ok) return template;
    byLanguage.set(language, template.value);
  }
  return { ok: true, value: { everybody: everybody.value, byLanguage } };
}

const NO_LANGUAGE =
  "is named for no language; name it as reset.de.txt or reset.pt-BR.txt are named, or move it away.";

/** The text for somebody; `language` is as the source has it, null where it has none. Pure. */
export function templateFor({ everybody, byLanguage }: Templates, language: string | null): Template {
  const canonical = language === null ? null : canonicalLanguage(language);
  if (canonical === null) return everybody;
  const found = lookupOrder(canonical).find((one) => byLanguage.has(one));
  return byLanguage.get(found ?? "") ?? everybody;
}

async function siblingsOf(path: string): Promise<StoreAnswer<string[]>> {
  const folder = dirname(path);
  try {
    const names = await readdir(folder);
    return {
      ok: true,
      value: names
        .filter((name) => isSibling(name, path))
        .map((name) => join(folder, name))
        .sort(),
    };
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    return wrong(
      `The folder ${folder}, where mail templates of other languages would stand, cannot be listed: ${fileTrouble(code)}; let it be read, or put ${basename(path)} into a folder of its own.`,
    );
  }
}

function isSibling(name: string, path: string): boolean {
  const { before, after } = aroundLanguage(path);
  return name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
}

/** A language has two or three letters (BCP 47 keeps longer ones for later): so `draft` is none. */
const BEGINS_LIKE_A_LANGUAGE = /^[a-z]{2,3}(?![a-z\d])/i;

function languageOf(sibling: string, path: string): string | null {
  const { before, after } = aroundLanguage(path);
  const name = basename(sibling);
  return languageNamed(name.slice(before.length, name.length - after.length));
}

function languageNamed(tag: string): string | null {
  return BEGINS_LIKE_A_LANGUAGE.test(tag) && !/[.@]/.test(tag) ? canonicalLanguage(tag) : null;
}

/** The text for everybody may be named for its own language as well: `reset.en.txt`. */
function aroundLanguage(path: string): { before: string; after: string } {
  const after = extname(path);
  const name = basename(path, after);
  const tag = extname(name);
  const stem = tag !== "" && languageNamed(tag.slice(1)) !== null ? basename(name, tag) : name;
  return { before: `${stem}.`, after };
}
