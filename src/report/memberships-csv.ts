import type { PlannedMembership } from "../domain/records.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { PhaseCounts } from "../ledger/phase-counts.ts";
import { standingIds } from "../ledger/placed.ts";
import { type ObjectState, objectsAfter } from "../ledger/planned-objects.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { writeCsv } from "./files.ts";
import { modeOf } from "./mode.ts";
import { NameTally } from "./name-tally.ts";
import { noCounts, standingOf } from "./object-counts.ts";

const COLUMNS = [
  "cognito_sub",
  "destination_user_id",
  "organization",
  "organization_id",
  "roles",
  "outcome",
  "reason",
  "mode",
];
/** Bounds memory and keeps every statement short. */
const SLICE_MEMBERSHIPS = 1_000;

/**
 * One line per membership, of people whom the newest plan leaves out as well. Returns how those of the plan stand: the
 * queue knows of none before everybody is imported, nor in a dry run. `organizations` counts those that stand or are to come.
 */
export async function writeMembershipsCsv(
  path: string,
  ledger: Ledger,
  migration: Reported,
  organizations = new NameTally(),
): Promise<PhaseCounts> {
  const counts = noCounts();
  await writeCsv(path, COLUMNS, rows(ledger, migration, counts, organizations));
  return counts;
}

type Reported = Pick<MigrationRow, "id" | "generation" | "file">;

async function* rows(
  ledger: Ledger,
  migration: Reported,
  counts: PhaseCounts,
  organizations: NameTally,
): AsyncGenerator<(string | null)[]> {
  const mode = modeOf(migration);
  const slices = slicesAfter(
    "",
    ({ key }: ObjectState) => key,
    (after) =>
      ledger.read((db) => objectsAfter(db, runOf(migration), "membership", after, SLICE_MEMBERSHIPS)),
  );
  for await (const slice of slices) {
    // Written by the plan only.
    const planned = slice.map(({ data }) => JSON.parse(data) as PlannedMembership);
    const idsOf = (kind: "user" | "organization", keys: readonly string[]) =>
      ledger.read((db) => standingIds(db, migration.id, kind, [...new Set(keys)]));
    const users = await idsOf(
      "user",
      planned.map(({ sub }) => sub),
    );
    const organizationIds = await idsOf(
      "organization",
      planned.map(({ organization }) => organization),
    );
    for (const [index, object] of slice.entries()) {
      const membership = planned[index];
      if (membership === undefined) continue;
      const { sub, organization, roles } = membership;
      const standing = object.isPlanned || object.placed !== null ? standingOf(object) : "skipped";
      if (object.isPlanned) {
        counts[standing] += 1;
        if (standing === "done" || standing === "pending") organizations.add(organization);
      }
      yield [
        sub,
        users.get(sub) ?? null,
        organization,
        organizationIds.get(organization) ?? null,
        roles.join(" "),
        standing,
        reasonOf(object),
        mode,
      ];
    }
  }
}

function reasonOf({ isPlanned, placed, code }: ObjectState): string | null {
  if (!isPlanned) return "not_in_newest_plan";
  return placed === "removed" ? "removed_at_destination" : code;
}
