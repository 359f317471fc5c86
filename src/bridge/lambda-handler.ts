import { handle } from "hono/aws-lambda";
import type { Parsed } from "../domain/migration.ts";
import { required, UsageError } from "../exit.ts";
import type { Settings } from "../settings.ts";
import { createBridge } from "./create-bridge.ts";

export type Handler = ReturnType<typeof handle>;

/**
 * The same bridge for events of function URLs and of API Gateway, both versions. Instances come and go, so they share a
 * PostgreSQL ledger and its limits. Throws UsageError or LedgerError for what an operator can mend.
 */
export async function createHandler(
  parsed: Parsed<Settings>,
): Promise<{ handler: Handler; close(): Promise<void> }> {
  const settings = required(parsed);
  if (settings.ledgerUrl.startsWith("sqlite:"))
    throw new UsageError(
      "The bridge as a Lambda function needs a PostgreSQL ledger; set SPILLWAY_LEDGER to postgres://….",
    );
  const bridge = await createBridge(settings);
  return { handler: handle(bridge.app), close: () => bridge.close() };
}
