import { UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UnderWay } from "./under-way.ts";
import type { RunHere } from "./work-to-end.ts";

/**
 * Throws UsageError where a run under way is known to bring its people to another environment, or to go by another
 * ledger: it would be shown, worked or ended as if it were the one that is meant.
 */
export async function refuseOtherPlace(
  { environment, userPoolId }: Pick<RunHere, "environment" | "userPoolId">,
  ledger: Pick<Ledger, "id">,
  underWay: Pick<UnderWay, "place">,
): Promise<void> {
  const theirs = await underWay.place();
  if (theirs.environment !== null && theirs.environment !== environment)
    throw new UsageError(
      `The run of ${userPoolId} that is under way is of the environment ${theirs.environment}, and the settings here lead to ${environment}; nothing was started or changed. Wait for its end, or give the command with its settings.`,
    );
  if (theirs.ledgerId !== null && theirs.ledgerId !== ledger.id)
    throw new UsageError(
      `The run of ${userPoolId} that is under way goes by another ledger than the one that SPILLWAY_LEDGER names here; nothing was started or changed. Give the command where its ledger is, or with its SPILLWAY_LEDGER.`,
    );
}
