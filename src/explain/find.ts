import { distance } from "fastest-levenshtein";
import { ownValue } from "../domain/own-value.ts";
import { KINDS, type Kind } from "./kinds.ts";
import type { Meaning } from "./meaning.ts";

/** A code as one kind has it. */
export interface Explained extends Meaning, Pick<Kind, "kind" | "title"> {
  code: string;
}

export function allExplained(): Explained[] {
  return KINDS.flatMap(({ kind, title, codes }) =>
    Object.entries(codes).map(([code, meaning]) => ({ code, kind, title, ...meaning })),
  );
}

/** A word may be a code of several kinds; empty where it is none. */
export function explained(word: string): Explained[] {
  const exact = named(word);
  return exact.length > 0 ? exact : named(asWritten(word));
}

function named(word: string): Explained[] {
  const pattern = word.replace(/(?<=^(?:http|smtp)_)\d{3}$/, "<status>");
  return KINDS.flatMap(({ kind, title, codes }) =>
    [...new Set([word, pattern])].flatMap((code) => {
      const meaning = ownValue(codes, code);
      return meaning === undefined ? [] : [{ code: word, kind, title, ...meaning }];
    }),
  );
}

/** As somebody may copy or type one: in capitals, with blanks or dashes, or with what comes before or after it. */
function asWritten(word: string): string {
  return word
    .trim()
    .replace(/^`(.*)`$/, "$1")
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
}

const MAX_NEAREST = 3;

/** The codes that are most like the word, the likeliest first. */
export function nearestTo(word: string): string[] {
  const typed = asWritten(word);
  const codes = [...new Set(allExplained().map(({ code }) => code))];
  return codes
    .map((code) => ({ code, away: distance(typed, code) - (isPartOf(typed, code) ? code.length : 0) }))
    .toSorted((one, other) => one.away - other.away || one.code.localeCompare(other.code, "en"))
    .slice(0, MAX_NEAREST)
    .map(({ code }) => code);
}

/** Somebody remembers one word of a code. */
function isPartOf(typed: string, code: string): boolean {
  return typed.length > 2 && code.includes(typed);
}
