import type { Client } from "@temporalio/client";
import { environmentIn } from "../domain/migration/place.ts";
import { UsageError } from "../exit.ts";
import type { ProgressAnswer } from "../workflows/messages.ts";
import type { UnderWay } from "./run-here.ts";
import type { RunHere } from "./work-to-end.ts";

/** Whoever waits for a worker that is not there waits no longer. */
const QUERY_TIMEOUT_MS = 2_000;

/**
 * Throws UsageError where a run under way is known to bring its people to another environment: it would be shown, and
 * worked, as if it were the one that is meant.
 */
export async function refuseOtherPlace(
  client: Client,
  { environment, userPoolId }: Pick<RunHere, "environment" | "userPoolId">,
  underWay: UnderWay,
): Promise<void> {
  const theirs = await environmentOf(client, underWay);
  if (theirs === null || theirs === environment) return;
  throw new UsageError(
    `The run of ${userPoolId} that is under way is of the environment ${theirs}, and the settings here lead to ${environment}; nothing was started or changed. Wait for its end, or give the command with its settings.`,
  );
}

/** By what it was started with; whoever started it by hand may have named none, and then it tells. */
async function environmentOf(client: Client, { input, workflowId }: UnderWay): Promise<string | null> {
  const given = environmentIn(await input());
  if (given !== null) return given;
  try {
    const ask = () => client.workflow.getHandle(workflowId).query<ProgressAnswer>("progress");
    return (await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, ask)).environment ?? null;
  } catch {
    return null;
  }
}
