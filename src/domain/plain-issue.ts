import type { z } from "zod";
import { inSentence } from "./sentence.ts";
import { terminalText } from "./terminal-text.ts";

/**
 * What a value has to be, in plain English: "must be a number above 0". Given to zod's parse, which asks it wherever
 * a schema has no words of its own.
 */
export function plainIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return ifMissing(issue.input, `must be ${TYPES[issue.expected] ?? "something else"}`);
    case "invalid_value":
      return ifMissing(issue.input, `must be ${oneOf(issue.values.map((value) => JSON.stringify(value)))}`);
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_union":
      return ifMissing(issue.input, unionText(issue));
    case "invalid_format":
      return `must be ${FORMATS[issue.format] ?? "written in another way"}`;
    case "invalid_key":
      return `has a key that ${issue.issues[0]?.message ?? "cannot be read"}`;
    default:
      return "cannot be read";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object, in braces",
  record: "an object, in braces",
  null: "null",
};

const FORMATS: Readonly<Record<string, string>> = {
  hostname: 'a host name such as "example.com"',
  url: 'an address such as "https://example.com"',
};

function ifMissing(input: unknown, text: string): string {
  return input === undefined ? `is missing: it ${text}` : text;
}

type Bound<Code extends string> = Extract<z.core.$ZodRawIssue, { code: Code }>;

function tooSmall({ origin, minimum, inclusive }: Bound<"too_small">): string {
  const unit = UNITS[origin];
  if (unit === undefined)
    return `must be a number ${inclusive === true ? "of at least" : "above"} ${grouped(minimum)}`;
  return BigInt(minimum) === 1n ? "must not be empty" : `must have at least ${grouped(minimum)} ${unit}`;
}

function tooBig({ origin, maximum, inclusive }: Bound<"too_big">): string {
  const unit = UNITS[origin];
  if (unit === undefined)
    return `must be a number ${inclusive === true ? "of at most" : "below"} ${grouped(maximum)}`;
  return `must have at most ${grouped(maximum)} ${unit}`;
}

const UNITS: Readonly<Record<string, string>> = { string: "characters", array: "entries" };

/** The words of each way that there is: "must be a whole number or a list". */
function unionText({ errors, options }: Bound<"invalid_union">): string {
  if (Array.isArray(options)) return `must be ${oneOf(options.map((option) => JSON.stringify(option)))}`;
  const ways = errors.flatMap(([first]) => (first === undefined ? [] : [first.message]));
  const [whole, ...others] = [...new Set(ways)];
  const rest = others.map((way) => ` or ${way.replace(/^must be /, "")}`).join("");
  return whole === undefined ? "cannot be read" : `${whole}${rest}`;
}

function oneOf(values: readonly (string | undefined)[]): string {
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}`;
}

function grouped(n: number | bigint): string {
  return n.toLocaleString("en-US");
}

/** The place and what is wrong there: `"confirm" must be a text.` */
export function wordsOf(issue: z.core.$ZodIssue | undefined): string {
  const place = placeOf(issue?.path ?? [], "it");
  const what =
    issue?.code === "unrecognized_keys"
      ? `has the unknown key ${typed(issue.keys[0] ?? "")}`
      : issue?.message;
  return `${place} ${what}.`;
}

/** `"users.decisions"`; keys of the input are a part of it. `whole` is said of the input itself. */
export function placeOf(path: readonly PropertyKey[], whole: string): string {
  if (path.length === 0) return whole;
  return `"${path.map((step) => shown(String(step))).join(".")}"`;
}

/** A name that somebody typed, for a sentence that Temporal keeps and shows as it is. */
export function typed(name: string): string {
  return `"${shown(name)}"`;
}

/** Far above any name that is right; a sentence of many is no failure that Temporal takes. */
const MAX_NAME_LENGTH = 100;

function shown(name: string): string {
  const cut = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name;
  return terminalText(inSentence(cut));
}
