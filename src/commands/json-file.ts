import { type JSONVisitor, visit } from "jsonc-parser";
import { quoted } from "../domain/findings/kind.ts";
import type { Parsed } from "../domain/migration.ts";

/** What the bytes of a file say, whatever editor wrote it. The sentence's rest tells what is wrong, and where. */
export function parseJsonFile(bytes: Uint8Array): Parsed<unknown> {
  // Takes a byte order mark off.
  const text = new TextDecoder().decode(bytes);
  const broken = firstBrokenByte(bytes, text);
  if (broken !== null)
    return wrong(`is not UTF-8: line ${lineOf(bytes, broken)} has a byte that is no text; save it as UTF-8.`);
  if (text.trim() === "") return wrong("is empty.");
  try {
    const flaw = flawOf(text);
    if (flaw !== null) return wrong(flaw);
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    // Lists in lists in lists end the stack.
    if (error instanceof RangeError)
      return wrong("is nested too deeply; see docs/start.md for what it holds.");
    if (error instanceof SyntaxError) return wrong("is not JSON.");
    throw error;
  }
}

function wrong(sentence: string): Parsed<never> {
  return { ok: false, sentence };
}

/** Where what was read, written again, differs from what was there. */
function firstBrokenByte(bytes: Uint8Array, text: string): number | null {
  const again = new TextEncoder().encode(text);
  const at = again.findIndex((byte, index) => byte !== bytes[index + markLength(bytes)]);
  return at < 0 ? null : at + markLength(bytes);
}

/** Of the byte order mark that some editors begin a file with; 0 without one. */
export function markLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function lineOf(bytes: Uint8Array, at: number): number {
  return bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
}

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** The first place that is no JSON; or else the keys that are there twice, of which JSON.parse drops one in silence. */
function flawOf(text: string): string | null {
  let mistake: string | null = null;
  const twice: string[] = [];
  /** Of each object that is open, the line of each key. */
  const open: Map<string, number>[] = [];
  const visitor: JSONVisitor = {
    onError(_, _offset, _length, line, column) {
      mistake ??= `is not JSON: look at line ${line + 1}, column ${column + 1}.`;
    },
    onObjectBegin: () => void open.push(new Map()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(key, _offset, _length, line) {
      const first = open.at(-1)?.get(key);
      if (first !== undefined) twice.push(twiceThere(key, first, line + 1));
      else open.at(-1)?.set(key, line + 1);
    },
  };
  visit(text, visitor, STRICT);
  if (mistake !== null) return mistake;
  if (twice.length === 0) return null;
  const more = twice.length - MAX_TOLD;
  return `${twice.slice(0, MAX_TOLD).join("; it ")}${more > 0 ? `; so it is with ${more} more` : ""}.`;
}

/** Whoever wrote a part of a file twice has all of its keys twice. */
const MAX_TOLD = 10;

function twiceThere(key: string, first: number, second: number): string {
  const where = first === second ? `on line ${first}` : `on line ${first} and on line ${second}`;
  return `has the key ${quoted(key)} twice, ${where}: leave one of the two`;
}
