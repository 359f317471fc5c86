import { pipeline, Readable, Transform } from "node:stream";

/** AWS's largest, a page of 60 users with every attribute at its longest, is below 10 MiB. */
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;

/** A middleware of an AWS SDK's client, which reads every answer whole: one that is longer breaks off. */
export function capAnswers<Call, Answered extends { response: unknown }>(
  next: (call: Call) => Promise<Answered>,
): (call: Call) => Promise<Answered> {
  return async (call) => {
    const answered = await next(call);
    if (hasBody(answered.response)) answered.response.body = capped(answered.response.body);
    return answered;
  };
}

/** Nearest to the wire. */
export const CAP = { step: "deserialize", priority: "low", name: "capAnswers" } as const;

function hasBody(response: unknown): response is { body: Readable } {
  return (
    typeof response === "object" &&
    response !== null &&
    "body" in response &&
    response.body instanceof Readable
  );
}

function capped(body: Readable): Readable {
  let bytes = 0;
  const cap = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) done(null, chunk);
      else done(new AnswerTooLong());
    },
  });
  // Whoever reads hears of its failure.
  return pipeline(body, cap, () => undefined);
}

/** Its code is one of the network's kind: whoever answered so was not AWS. */
class AnswerTooLong extends Error {
  readonly code = "ANSWER_TOO_LONG";

  constructor() {
    super("The answer is longer than 16 MiB.");
  }
}
