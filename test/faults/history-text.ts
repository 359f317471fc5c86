/** Everything in a history as text: payloads are bytes there, decoded so that a search sees into them. */
export function historyText(history: unknown): string {
  return JSON.stringify(decoded(history));
}

function decoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decoded(inner)]));
}

/** How often the needle stands in the text, in whatever case. */
export function hits(text: string, needle: string): number {
  return text.toLowerCase().split(needle.toLowerCase()).length - 1;
}
