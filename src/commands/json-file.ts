import type { Parsed } from "../domain/migration.ts";

/** What the bytes of a file say, whatever editor wrote it. The sentence's rest tells what is wrong, and where. */
export function parseJsonFile(bytes: Uint8Array): Parsed<unknown> {
  // Takes a byte order mark off.
  const text = new TextDecoder().decode(bytes);
  const broken = firstBrokenByte(bytes, text);
  if (broken !== null) {
    const line = lineOf(bytes, broken);
    return {
      ok: false,
      sentence: `is not UTF-8: line ${line} has a byte that is no text; save it as UTF-8.`,
    };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const { line, column } = placeOf(text, firstMistake(text));
    return { ok: false, sentence: `is not JSON: look at line ${line}, column ${column}.` };
  }
}

/** Where what was read, written again, differs from what was there. */
function firstBrokenByte(bytes: Uint8Array, text: string): number | null {
  const again = new TextEncoder().encode(text);
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const at = again.findIndex((byte, index) => byte !== bytes[index + mark]);
  return at < 0 ? null : at + mark;
}

function lineOf(bytes: Uint8Array, at: number): number {
  return bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const OTHER_VALUE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end";

/** Where a text stops being the beginning of JSON: JavaScript's own words tell it only now and then. */
export function firstMistake(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0].length ?? 0;
    at += found;
    return found > 0;
  };
  for (;;) {
    skip(SPACE);
    const character = text[at];
    if (character === undefined || (open.length === 0 && expected === "comma or end")) return at;
    const mayClose = character === "}" ? "{" : character === "]" ? "[" : null;
    const closes: readonly Expected[] = ["comma or end", mayClose === "{" ? "key or }" : "value or ]"];
    if (mayClose !== null && open.at(-1) === mayClose && closes.includes(expected)) {
      open.pop();
      at += 1;
      expected = "comma or end";
    } else if (expected === "comma or end") {
      if (character !== ",") return at;
      at += 1;
      expected = open.at(-1) === "{" ? "key" : "value";
    } else if (expected === "colon") {
      if (character !== ":") return at;
      at += 1;
      expected = "value";
    } else if (expected === "key" || expected === "key or }") {
      if (!skip(STRING)) return at;
      expected = "colon";
    } else if (character === "{" || character === "[") {
      open.push(character);
      at += 1;
      expected = character === "{" ? "key or }" : "value or ]";
    } else {
      if (!skip(STRING) && !skip(OTHER_VALUE)) return at;
      expected = "comma or end";
    }
  }
}
