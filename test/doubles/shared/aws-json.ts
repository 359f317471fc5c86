import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { AwsError } from "./aws-error.ts";
import type { DoubleEnv } from "./serve.ts";

/** The protocol "AWS JSON 1.1" (smithy.io/2.0/aws/protocols), as every service of that kind answers. */

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Reads the operation out of `X-Amz-Target: <prefix><operation>`. */
export function operationReader(prefix: string): (context: Context<DoubleEnv>) => string {
  return (context) => {
    const target = context.req.header("x-amz-target") ?? "";
    return target.startsWith(prefix) ? target.slice(prefix.length) : target;
  };
}

/** Throws UnknownOperationException for an operation that is not there, or a body of another protocol. */
export function handlerOf<Handler>(
  operations: Readonly<Record<string, Handler>>,
  operation: string,
  headers: Headers,
): Handler {
  const handler = operations[operation];
  if (handler === undefined || headers.get("content-type") !== CONTENT_TYPE)
    throw new AwsError("UnknownOperationException", "Unknown operation");
  return handler;
}

export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("SerializationException", "The body is not JSON.");
  }
}

export interface Result {
  status: number;
  /** The `__type` of a refusal; null for an answer. */
  error: string | null;
  /** JSON. */
  answer: string;
}

/** `messageKey` is how the service spells the member that holds an error's message. */
export function attempt(perform: () => unknown, messageKey: "message" | "Message"): Result {
  try {
    return { status: 200, error: null, answer: JSON.stringify(perform()) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { name, message, status } = error;
    return { status, error: name, answer: JSON.stringify({ __type: name, [messageKey]: message }) };
  }
}

export function respond({ status, error, answer }: Result): Response {
  const headers = { "content-type": CONTENT_TYPE, "x-amzn-requestid": randomUUID() };
  return new Response(answer, {
    status,
    headers: error === null ? headers : { ...headers, "x-amzn-errortype": error },
  });
}
