import type { FoundMember } from "../../destinations/structure.ts";
import { subsByAccount } from "../../ledger/accounts-by-id.ts";
import { standingIds } from "../../ledger/placed.ts";
import type { Verifying } from "./verifying.ts";

/**
 * Who these members are, by the accounts that stand: somebody's key may be another account's by now. Whoever is unknown
 * goes by the key that the destination has for them, or by their id there.
 */
export async function peopleOf(
  { ledger, run: { migrationId } }: Pick<Verifying, "ledger" | "run">,
  members: readonly FoundMember[],
): Promise<Map<FoundMember, string>> {
  const keys = members.flatMap(({ userExternalId }) => userExternalId ?? []);
  const standing = await ledger.read((db) => standingIds(db, migrationId, "user", keys));
  const isOwn = ({ userId, userExternalId }: FoundMember) => standing.get(userExternalId ?? "") === userId;
  const others = members.filter((member) => !isOwn(member)).map(({ userId }) => userId);
  const subs = await ledger.read((db) => subsByAccount(db, migrationId, others));
  return new Map(
    members.map((member) => {
      const { userId, userExternalId } = member;
      if (isOwn(member)) return [member, userExternalId ?? userId];
      const isAnothers = userExternalId !== null && standing.has(userExternalId);
      return [member, subs.get(userId) ?? (isAnothers ? userId : (userExternalId ?? userId))];
    }),
  );
}
