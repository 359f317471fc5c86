const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** Text of XML with its entities and characters by number resolved (XML 1.0, 4.1 and 4.6). */
export function xmlText(text: string): string {
  return text
    .replace(/&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi, (whole, hex, decimal) =>
      characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), whole),
    )
    .replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
}

function characterOf(code: number, whole: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
