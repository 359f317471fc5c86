import type { Readable } from "node:stream";
import { PAGE_SIZE } from "./source.ts";

/** RFC 8259, 7: whatever is beyond U+FFFF may be written as two escapes, such as \ud83d\ude00; UTF-8 takes four bytes. */
const MAX_BYTES_A_CHARACTER = 12;

/** Cognito quotas: 50 custom attributes. Beside them the standard claims of OpenID, `identities` and Cognito's own. */
const ATTRIBUTES_A_USER = 50 + 24;
/** API reference, `AttributeType`: a name of 32, a value of 2,048. Of characters, in whatever alphabet. */
const CHARACTERS_AN_ATTRIBUTE = 32 + 2_048;
/** Quotes and the names of fields; the other fields of a user are shorter than two attributes. */
const FIELD_BYTES = 64;

/** What no page of users can exceed: about 109 MiB. One of plain letters, with every attribute at its longest, has 9. */
export const MAX_USERS_BYTES =
  PAGE_SIZE * (ATTRIBUTES_A_USER + 2) * (CHARACTERS_AN_ATTRIBUTE * MAX_BYTES_A_CHARACTER + FIELD_BYTES);

/** AWS's other answers: the largest is a provider, with ten details of 131,072 characters (API reference, `StringType`). */
const MAX_ANSWER_BYTES = 10 * 131_072 * MAX_BYTES_A_CHARACTER + 1_024 * 1_024;

/** The `streamCollector` of an AWS SDK's client, which reads every answer whole: one that is longer breaks off. */
export function collectCapped(body: Readable, maxBytes = MAX_ANSWER_BYTES): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) body.destroy(new AnswerTooLong(maxBytes));
      else chunks.push(chunk);
    });
    body.on("end", () => resolve(Buffer.concat(chunks, bytes)));
    body.on("error", reject);
  });
}

/** Its code is one of the network's kind: whoever answered so was not AWS. */
class AnswerTooLong extends Error {
  readonly code = "ANSWER_TOO_LONG";

  constructor(maxBytes: number) {
    super(`The answer is longer than ${maxBytes} bytes.`);
  }
}
