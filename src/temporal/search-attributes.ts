import { shellLine } from "../domain/shell-line.ts";
import type { TemporalTarget } from "./target.ts";

/** The search attributes that a run writes where the namespace has them registered, with their types. */
export const SEARCH_ATTRIBUTE_TYPES = {
  MigrationPhase: "Keyword",
  MigrationState: "Keyword",
  UsersImported: "Int",
  UsersFailed: "Int",
  PercentDone: "Double",
} as const;

/** The Temporal CLI's command that registers those that are missing; null where none is. */
export function registerCommand(
  { address, namespace }: Pick<TemporalTarget, "address" | "namespace">,
  registered: readonly string[],
): string | null {
  const missing = Object.entries(SEARCH_ATTRIBUTE_TYPES).filter(([name]) => !registered.includes(name));
  if (missing.length === 0) return null;
  const words = missing.flatMap(([name, type]) => ["--name", name, "--type", type]);
  const where = ["--address", address, "--namespace", namespace];
  return shellLine(["./temporal", "operator", "search-attribute", "create", ...where, ...words]);
}
