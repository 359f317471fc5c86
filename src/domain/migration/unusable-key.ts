import { placeOf } from "../plain-issue.ts";

/** A name by which JavaScript's objects hold no value of their own: zod drops it from records in silence. */
export const UNUSABLE_KEY = "__proto__";

/** Records lie less deep; zod refuses what is nested deeper. */
const MAX_DEPTH = 4;

/** What is wrong with a file that has this key anywhere, or null. */
export function withUnusableKey(part: unknown, path: readonly string[] = []): string | null {
  if (typeof part !== "object" || part === null || path.length > MAX_DEPTH) return null;
  if (Object.hasOwn(part, UNUSABLE_KEY))
    return `${placeOf(path, "the file")} has the key "${UNUSABLE_KEY}", a name that nothing in the file can have, whatever is called so in Cognito; take it out.`;
  for (const [step, value] of Object.entries(part)) {
    const found = withUnusableKey(value, [...path, step]);
    if (found !== null) return found;
  }
  return null;
}
