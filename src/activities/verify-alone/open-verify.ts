import type { Blocked, Opened, OpenVerifyInput, Refused } from "../../domain/contract.ts";
import { parseVerify } from "../../domain/verify-input.ts";
import { ownAsItStands } from "../../ledger/runs.ts";
import { forgetVerification } from "../../ledger/verification.ts";
import type { Deps } from "../deps.ts";
import { openKnown } from "../open-known.ts";

/** Takes the migration in the ledger for a verification by itself: the walks of the one before begin anew. */
export async function openVerify(
  deps: Deps,
  { verify: input, firstRunId }: OpenVerifyInput,
): Promise<Opened | Refused | Blocked> {
  const parsed = parseVerify(input);
  if (!parsed.ok) return { status: "refused", sentence: parsed.sentence };
  return openKnown(deps, {
    mode: "verify",
    ...parsed.value,
    firstRunId,
    async own(tx, owner, current) {
      const owned = await ownAsItStands(tx, "verify", owner, current);
      // Tried again, it goes on.
      const isNew = current.owner?.firstRunId !== firstRunId;
      if (owned !== undefined && isNew) await forgetVerification(tx, owned.id);
      return owned;
    },
  });
}
