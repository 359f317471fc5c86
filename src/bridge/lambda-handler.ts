import { handle, type LambdaEvent } from "hono/aws-lambda";
import type { Parsed } from "../domain/migration.ts";
import { required, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import { createBridge } from "./create-bridge.ts";

/** Longer than a mail usually takes. */
const HOLD_MS = 5_000;

export type Handler = ReturnType<typeof handle>;

/**
 * The same bridge for events of function URLs and of API Gateway, both versions. Instances come and go, so they share a
 * PostgreSQL ledger and its limits. They stand still between calls, so a mail goes out before its answer. Throws
 * UsageError or LedgerError for what an operator can mend.
 */
export async function createHandler(
  parsed: Parsed<Settings>,
  holdMs = HOLD_MS,
): Promise<{ handler: Handler; close(): Promise<void> }> {
  const settings = required(parsed);
  if (settings.ledgerUrl.startsWith("sqlite:"))
    throw new UsageError(
      "The bridge as a Lambda function needs a PostgreSQL ledger; set SPILLWAY_LEDGER to postgres://….",
    );
  const bridge = await createBridge(settings, holdMs);
  const answer = handle(bridge.app);
  return {
    handler: (event, context) => answer(withoutUnused(event), context),
    close: () => bridge.close(),
  };
}

/**
 * A body of a GET means nothing (RFC 9110, 9.3.1), nor does any cookie here. No Request takes such a body, or a cookie beyond
 * Latin letters: strangers would fill the log with its error.
 */
function withoutUnused<Event extends LambdaEvent>(event: Event): Event {
  const hasNoBody = /^(GET|HEAD)$/i.test(methodOf(event));
  return { ...event, ...("cookies" in event && { cookies: [] }), ...(hasNoBody && { body: null }) };
}

function methodOf(event: LambdaEvent): string {
  if ("httpMethod" in event) return event.httpMethod;
  return "method" in event ? event.method : event.requestContext.http.method;
}
