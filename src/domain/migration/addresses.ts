/** Where a file names people, by sub. */
const PEOPLE = [
  ["users", "decisions"],
  ["only", "subs"],
  ["passwordResets", "canary"],
] as const;

/** Who is named by an e-mail address, which may not stand in a file: the file stays in Temporal's history. */
export function namedByAddress(file: unknown): string[] {
  return PEOPLE.flatMap(([part, list]) =>
    namesIn(inside(inside(file, part), list)).flatMap((name, at) =>
      typeof name === "string" && name.includes("@")
        ? [
            `"${part}.${list}": number ${at + 1} has an "@", and the file may hold no e-mail address: it stays in Temporal's history; name people by sub.`,
          ]
        : [],
    ),
  );
}

/** Whether a place in a file is named by somebody's address, which no sentence may repeat. */
export function isPlaceOfAddress(path: readonly PropertyKey[]): boolean {
  return PEOPLE.some(
    ([part, list]) => path[0] === part && path[1] === list && String(path[2] ?? "").includes("@"),
  );
}

function inside(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function namesIn(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  return typeof list === "object" && list !== null ? Object.keys(list) : [];
}
