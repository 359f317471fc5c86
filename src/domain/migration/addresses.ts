/** Where a file names people, by sub. */
const PEOPLE = [
  ["users", "decisions"],
  ["only", "subs"],
  ["passwordResets", "canary"],
] as const;

/**
 * What is wrong with a file that names somebody by an e-mail address, or null. The file stays in Temporal's history, so
 * this comes before its other places are looked at: their sentences would repeat the address.
 */
export function namedByAddress(file: unknown): string | null {
  for (const [part, list] of PEOPLE) {
    const at = namesIn(inside(inside(file, part), list)).findIndex(
      (name) => typeof name === "string" && name.includes("@"),
    );
    if (at >= 0)
      return `"${part}.${list}": number ${at + 1} has an "@", and the file may hold no e-mail address: it stays in Temporal's history; name people by sub.`;
  }
  return null;
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function namesIn(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  return typeof list === "object" && list !== null ? Object.keys(list) : [];
}
