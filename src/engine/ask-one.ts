import { DeadTokenError } from "../cognito/read-configuration.ts";
import type { SourceAnswer } from "../cognito/source.ts";
import { askSource, type SourceTools } from "./ask-source.ts";
import { ParkedError } from "./parked.ts";

/** One answer of Cognito, however long it takes. Throws ParkedError for what an operator has to mend. */
export async function askOne<T>(
  tools: SourceTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
): Promise<T> {
  const answer = await askSource(tools, operation, ask);
  if (answer.status === "answered") return answer.value;
  throw answer.status === "blocked" ? new ParkedError(answer) : new DeadTokenError(operation);
}
