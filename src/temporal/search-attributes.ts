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

/** Addresses of Temporal Cloud: a namespace's own, and a region's. */
const CLOUD = /\.(tmprl\.cloud|api\.temporal\.io):\d+$/;

/** The command that registers those that are missing: the Temporal CLI's, or Temporal Cloud's; null where none is. */
export function registerCommand(
  { address, namespace }: Pick<TemporalTarget, "address" | "namespace">,
  registered: readonly string[],
): string | null {
  const missing = Object.entries(SEARCH_ATTRIBUTE_TYPES).filter(([name]) => !registered.includes(name));
  if (missing.length === 0) return null;
  if (CLOUD.test(address)) {
    const words = missing.flatMap(([name, type]) => ["--search-attribute", `${name}=${type}`]);
    return shellLine(["tcld", "namespace", "search-attributes", "add", "--namespace", namespace, ...words]);
  }
  const words = missing.flatMap(([name, type]) => ["--name", name, "--type", type]);
  const where = ["--address", address, "--namespace", namespace];
  return shellLine(["./temporal", "operator", "search-attribute", "create", ...where, ...words]);
}
