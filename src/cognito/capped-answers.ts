import type { Readable } from "node:stream";

/** AWS's largest, a page of 60 users with every attribute at its longest, is below 10 MiB. */
const MAX_ANSWER_BYTES = 16 * 1_024 * 1_024;

/** The `streamCollector` of an AWS SDK's client, which reads every answer whole: one that is longer breaks off. */
export function collectCapped(body: Readable): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) body.destroy(new AnswerTooLong());
      else chunks.push(chunk);
    });
    body.on("end", () => resolve(Buffer.concat(chunks, bytes)));
    body.on("error", reject);
  });
}

/** Its code is one of the network's kind: whoever answered so was not AWS. */
class AnswerTooLong extends Error {
  readonly code = "ANSWER_TOO_LONG";

  constructor() {
    super("The answer is longer than 16 MiB.");
  }
}
