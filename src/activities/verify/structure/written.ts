import { placedAmong, standingIds } from "../../../ledger/placed.ts";
import { lastPlannedAmong, plannedAmong } from "../../../ledger/planned-objects.ts";
import { mayBeAddress } from "../../../plan/normalize.ts";
import type { Told } from "../told.ts";
import type { Verifying } from "../verifying.ts";
import type { Compared, Known, Written } from "./compared.ts";
import { DIFFERS } from "./counters.ts";

/** Those of these keys that stand by the ledger, or may, or that the plan of this run has. */
export async function knownThings(
  { ledger, run }: Pick<Verifying, "ledger" | "run">,
  kind: Compared<never>["kind"],
  keys: readonly string[],
): Promise<Map<string, Known>> {
  const { migrationId } = run;
  return ledger.read(async (db) => {
    const placed = await placedAmong(db, migrationId, kind, keys);
    const isPlanned = await plannedAmong(db, run, kind, keys);
    const data = await lastPlannedAmong(db, migrationId, kind, keys);
    const things = keys
      .filter((key) => placed.has(key) || isPlanned.has(key))
      // Written by the plan only.
      .map((key) => ({ key, planned: JSON.parse(data.get(key) ?? "{}") as Known["planned"] }));
    const organizations = new Set(things.flatMap(({ planned }) => organizationKey(planned) ?? []));
    const ids = await standingIds(db, migrationId, "organization", [...organizations]);
    return new Map(
      things.map(({ key, planned }) => {
        const organizationId = ids.get(organizationKey(planned) ?? "") ?? null;
        return [key, { key, planned, organizationId, placed: placed.get(key) ?? null }];
      }),
    );
  });
}

function organizationKey({ organization }: Known["planned"]): string | null {
  return typeof organization === "string" ? organization : null;
}

/** Tells how it differs, and counts it once. */
export function tellThing<Found>(
  compared: Compared<Found>,
  found: Found,
  written: Written,
  told: Told,
): void {
  const before = told.rows.length;
  compared.tell(found, written, told);
  if (told.rows.length > before) told.count(DIFFERS, exampleOf(written.key));
}

/** Names of organizations may be made of people's data. */
export function exampleOf(key: string): string | null {
  return mayBeAddress(key) ? null : key;
}
