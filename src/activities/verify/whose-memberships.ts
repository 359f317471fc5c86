import type { FoundMember } from "../../destinations/structure.ts";
import { subsByAccount } from "../../ledger/accounts-by-id.ts";
import { knownAmong } from "../../ledger/named-people.ts";
import { standingIds } from "../../ledger/placed.ts";
import type { Verifying } from "./verifying.ts";

/**
 * Who these members are, by the accounts that stand: somebody's key may be another account's by now. Whoever is unknown
 * goes by their id at the destination: another system's key may be an address.
 */
export async function peopleOf(
  { ledger, run: { migrationId } }: Pick<Verifying, "ledger" | "run">,
  members: readonly FoundMember[],
): Promise<Map<FoundMember, string>> {
  const keys = members.flatMap(({ userExternalId }) => userExternalId ?? []);
  const standing = await ledger.read((db) => standingIds(db, migrationId, "user", keys));
  const isOwn = ({ userId, userExternalId }: FoundMember) => standing.get(userExternalId ?? "") === userId;
  const others = members.filter((member) => !isOwn(member));
  const subs = await ledger.read((db) =>
    subsByAccount(
      db,
      migrationId,
      others.map(({ userId }) => userId),
    ),
  );
  const free = others.flatMap(({ userExternalId }) =>
    userExternalId === null || standing.has(userExternalId) ? [] : userExternalId,
  );
  const known = await ledger.read((db) => knownAmong(db, migrationId, free));
  const byKey = (key: string | null) => (key !== null && known.has(key) ? key : null);
  return new Map(
    members.map((member) => {
      const { userId, userExternalId } = member;
      if (isOwn(member)) return [member, userExternalId ?? userId];
      return [member, subs.get(userId) ?? byKey(userExternalId) ?? userId];
    }),
  );
}
