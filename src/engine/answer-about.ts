import type { SourceAnswer } from "../cognito/source.ts";
import { SOURCE_NO_ANSWER } from "../domain/outcomes.ts";
import { askOfOne, type OneTools } from "./ask-of-one.ts";
import { ParkedError } from "./parked.ts";

/** Of one person alone Cognito gives no answer: their work fails, and that of others goes on. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly outcome: { kind: "rejected"; code: string; message: string };

  constructor(why: string) {
    super(SOURCE_NO_ANSWER);
    this.outcome = { kind: "rejected", code: SOURCE_NO_ANSWER, message: why };
  }
}

/**
 * An answer of Cognito about one person, with the tries that it took. Throws NoAnswerError where there is none about them
 * alone, ParkedError for what an operator has to mend, and the reason of the signal where that aborts first.
 */
export async function answerAbout<T>(
  tools: OneTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
  signal: AbortSignal,
): Promise<{ value: T; tries: number }> {
  const result = await askOfOne(tools, operation, ask, () => signal.aborted);
  switch (result.status) {
    case "answered":
      return result;
    case "unanswered":
      throw new NoAnswerError(result.why);
    case "over":
      throw signal.reason;
    case "blocked":
      throw new ParkedError(result);
  }
}
