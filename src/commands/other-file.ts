import { isDeepStrictEqual } from "node:util";
import { VENDORS } from "../destinations/registry.ts";
import { type Migration, parseMigration } from "../domain/migration.ts";

/**
 * Names what stands otherwise in the file with which a run began than in this one, by the keys of the file; null where
 * nothing does. What cannot be read any more began with another version, and is named as a whole.
 */
export function otherKeys(begunWith: unknown, file: Migration): string[] | null {
  const begun = parseMigration(begunWith, VENDORS);
  if (!begun.ok) return ["the whole file"];
  const before = keysOf(begun.value);
  const now = keysOf(file);
  // Whoever starts a run by hand may name no environment: the worker's settings do.
  const isLeftToWorker = (key: string) =>
    key === "destination.environment" && [before, now].some((one) => one.get(key) === undefined);
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  const others = keys.filter(
    (key) => !isDeepStrictEqual(before.get(key), now.get(key)) && !isLeftToWorker(key),
  );
  return others.length === 0 ? null : others;
}

/** Of two levels: whoever changed a decision looks for `users.decisions`. */
function keysOf(file: Migration): Map<string, unknown> {
  const entries = Object.entries(file).flatMap(([name, value]) =>
    isGroup(value)
      ? Object.entries(value).map(([key, one]): [string, unknown] => [`${name}.${key}`, one])
      : [[name, value] as [string, unknown]],
  );
  return new Map(entries);
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
