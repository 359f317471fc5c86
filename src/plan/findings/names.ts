export interface UnknownName {
  name: string;
  /** The known name that differs from it in nothing but case and spaces; null without one. */
  instead: string | null;
}

/** Which of these names nobody knows, and what may be meant. */
export function unknownNames(names: readonly string[], known: readonly string[]): UnknownName[] {
  const isKnown = new Set(known);
  const unknown = names.filter((name) => !isKnown.has(name));
  if (unknown.length === 0) return [];
  const byFolded = new Map(known.map((name) => [folded(name), name]));
  return unknown.map((name) => ({ name, instead: byFolded.get(folded(name)) ?? null }));
}

/** Names that differ in nothing but case and spaces, together. */
export function twinsAmong(names: Iterable<string>): string[][] {
  return [...Map.groupBy(new Set(names), folded).values()].filter((same) => same.length > 1);
}

/** The same for names that people would take for one. */
function folded(name: string): string {
  return name.trim().replaceAll(/\s+/g, " ").toLowerCase();
}
