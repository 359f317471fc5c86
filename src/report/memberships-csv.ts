import { organizationKey } from "../activities/structure/structure-work.ts";
import { destinationIds } from "../ledger/entities.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MembershipState, membershipsAfter } from "../ledger/membership-outcomes.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { WorkItemState } from "../migration.ts";
import { writeCsv } from "./files.ts";

const COLUMNS = [
  "cognito_sub",
  "destination_user_id",
  "organization",
  "organization_id",
  "roles",
  "outcome",
  "reason",
];
/** Bounds memory and keeps every statement short. */
const SLICE_MEMBERSHIPS = 1_000;

/** One line per membership, of people whom the newest plan leaves out as well. */
export async function writeMembershipsCsv(
  path: string,
  ledger: Ledger,
  migration: Pick<MigrationRow, "id" | "generation">,
): Promise<void> {
  await writeCsv(path, COLUMNS, rows(ledger, migration));
}

async function* rows(
  ledger: Ledger,
  { id, generation }: Pick<MigrationRow, "id" | "generation">,
): AsyncGenerator<(string | null)[]> {
  let after = "";
  for (;;) {
    const position = after;
    const slice = await ledger.read((db) => membershipsAfter(db, id, position, SLICE_MEMBERSHIPS));
    const last = slice.at(-1);
    if (last === undefined) return;
    const organizations = await organizationIds(ledger, id, slice);
    for (const membership of slice) {
      const { sub, userId, organization, roles, state } = membership;
      const organizationId = organizations.get(organizationKey(organization)) ?? null;
      const reason = reasonOf(membership, generation);
      yield [sub, userId, organization, organizationId, roles.join(" "), outcomeOf(state), reason];
    }
    after = last.key;
  }
}

function organizationIds(
  ledger: Ledger,
  migrationId: number,
  slice: readonly MembershipState[],
): Promise<Map<string, string>> {
  const keys = new Set(slice.map(({ organization }) => organizationKey(organization)));
  return ledger.read((db) => destinationIds(db, migrationId, ["credentials", "structure"], [...keys]));
}

/** In the words of the summary. */
function outcomeOf(state: WorkItemState | null): Exclude<WorkItemState, "sending"> {
  return state === null || state === "sending" ? "pending" : state;
}

function reasonOf(membership: MembershipState, generation: number): string | null {
  if (membership.generation !== generation) return "not_in_newest_plan";
  return membership.code;
}
