import { readFile } from "node:fs/promises";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { StoreAnswer } from "../secrets/secret-store.ts";
import { DEFAULT_TEMPLATE } from "./default-template.ts";

/** The text of a mail with its placeholders. */
export interface Template {
  subject: string;
  text: string;
  /** Null for a mail of plain text alone. */
  html: string | null;
}

/** What stands for the placeholders of one mail. */
export interface Values {
  /** The URL with its token. */
  link: string;
  /** For people to read. */
  expires: string;
  sub: string;
}

const NAMES = ["link", "expires", "sub"];
const KNOWN = NAMES.map((name) => `{{${name}}}`).join(", ");
const SUBJECT = "Subject: ";
const HTML_LINE = /^--- html ---[ \t]*$/m;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Reads the file, or the text that is built in. The sentence says what to change in which file. */
export async function loadTemplate(path: string | null): Promise<StoreAnswer<Template>> {
  if (path === null) return parseTemplate(DEFAULT_TEMPLATE, "the built-in template");
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    return wrong(
      `The mail template ${path} cannot be read: ${fileTrouble(code)}; check SPILLWAY_MAIL_TEMPLATE.`,
    );
  }
  try {
    return parseTemplate(new TextDecoder("utf-8", { fatal: true }).decode(bytes), path);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return wrong(`The mail template ${path} is not UTF-8; save it as that.`);
  }
}

/** First line `Subject: …`, an empty line, the text; after a line `--- html ---` the same as HTML. */
export function parseTemplate(content: string, name: string): StoreAnswer<Template> {
  const lines = content.replaceAll("\r\n", "\n");
  const [first = "", second = ""] = lines.split("\n", 2);
  const subject = first.slice(SUBJECT.length).trim();
  if (!first.startsWith(SUBJECT) || subject === "")
    return wrong(`The mail template ${name} must begin with a line "Subject: …".`);
  // Otherwise a further header would look as if it worked, and be seen by everybody.
  if (second.trim() !== "")
    return wrong(
      `The mail template ${name} must have an empty line after its subject; it takes no other headers.`,
    );
  const [text = "", html = null, more = null] = lines.slice(first.length).split(HTML_LINE);
  if (more !== null) return wrong(`The mail template ${name} has the line "--- html ---" twice; keep one.`);
  const template = { subject, text: `${text.trim()}\n`, html: html === null ? null : `${html.trim()}\n` };
  const problem = problemWith(template);
  return problem === null ? { ok: true, value: template } : wrong(`The mail template ${name} ${problem}.`);
}

/** Fills the placeholders; the values were found to be of one line each. */
export function fill({ subject, text, html }: Template, values: Values): Template {
  // A template with any other name was refused.
  const valueFor = (name: string) => values[name as keyof Values];
  const plain = (_: string, name: string) => valueFor(name);
  const escaped = (_: string, name: string) => escapeHtml(valueFor(name));
  return {
    subject: subject.replace(PLACEHOLDER, plain),
    text: text.replace(PLACEHOLDER, plain),
    html: html?.replace(PLACEHOLDER, escaped) ?? null,
  };
}

function problemWith({ subject, text, html }: Template): string | null {
  const parts = html === null ? [subject, text] : [subject, text, html];
  for (const part of parts) {
    const unknown = [...part.matchAll(PLACEHOLDER)].find(([, name = ""]) => !NAMES.includes(name));
    if (unknown !== undefined) return `has ${unknown[0]}, which nothing fills; it may have ${KNOWN}`;
    if (part.replace(PLACEHOLDER, "").includes("{{")) return `has {{ without its }}; it may have ${KNOWN}`;
  }
  if (/\p{Cc}/u.test(subject)) return "has a control character in its subject; write it as plain text";
  // Subjects stand in notifications and in the logs of mail servers.
  if (subject.includes("{{link}}")) return "has {{link}} in its subject; move it into the text";
  if (!text.includes("{{link}}"))
    return "has no {{link}} in its text; put one in, or nobody can set a password";
  if (html !== null && !html.includes("{{link}}"))
    return "has no {{link}} in its HTML; put one in there as well";
  return null;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

export function wrong(sentence: string): StoreAnswer<never> {
  return { ok: false, sentence };
}
