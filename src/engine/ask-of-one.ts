import type { SourceAnswer, UserSource } from "../cognito/source.ts";
import type { Blocked } from "../domain/contract.ts";
import { askSourceOnce, type SourceTools } from "./ask-source.ts";

/** After so many tries without an answer something else is asked, which tells whose matter it is. */
const MAX_TRIES = 3;

export interface OneTools {
  source: Pick<UserSource, "listUsers">;
  asking: SourceTools;
}

export type OfOne<T> =
  | { status: "answered"; value: T; tries: number }
  /** Of this person alone Cognito gives no answer, or refuses to, while it answers otherwise. */
  | { status: "unanswered"; why: string }
  /** Nobody wants to know any more. */
  | { status: "over" }
  | Blocked;

/** Asks Cognito something about one person, for as long as an outage of it all takes. */
export async function askOfOne<T>(
  { source, asking }: OneTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
  isOver: () => boolean,
): Promise<OfOne<T>> {
  let areOthersAnswered = false;
  for (let tries = 1; !isOver(); tries += 1) {
    // Short waits until it is known to be an outage: others wait as well.
    const waits = Math.max(0, tries - MAX_TRIES);
    const result = await askSourceOnce(asking, operation, ask, waits);
    if (result.status === "answered") return { ...result, tries };
    const why = whyUnanswered(result);
    if (why === null) {
      if (result.status === "blocked") return result;
      continue;
    }
    if (areOthersAnswered) return { status: "unanswered", why };
    if (tries < MAX_TRIES && result.status === "not_now") continue;
    const others = await askSourceOnce(asking, "ListUsers", () => source.listUsers(null, 1), waits);
    if (others.status === "blocked") return others;
    areOthersAnswered = others.status === "answered";
  }
  return { status: "over" };
}

type Unanswered = Exclude<Awaited<ReturnType<typeof askSourceOnce>>, { status: "answered" }>;

/** Null for what is no matter of one person: throttling, and what an operator has to mend. */
function whyUnanswered(result: Unanswered): string | null {
  if (result.status === "not_now") return result.outage;
  if (result.status === "dead_token") return "Cognito does not take its own page token.";
  return isRefused(result) ? result.sentence : null;
}

/** Cognito refuses this call, and says nothing about others. */
export function isRefused(result: { status: string }): result is Blocked {
  return result.status === "blocked" && "code" in result && result.code === "source_refused";
}
