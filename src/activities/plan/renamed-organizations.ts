import { type Draft, finding } from "../../domain/findings.ts";
import { renamedAmong } from "../../ledger/standing-structure.ts";
import { Told } from "../../plan/findings/organizations.ts";
import { organizationRecord } from "../../plan/organizations.ts";
import type { Concluding } from "./concluding.ts";

export const RENAMED = "organization_renamed";

/**
 * Organizations that stand under another external id than the file gives them now. What stands would take the people, and
 * nobody would hear that the file means another organization.
 */
export class Renamed {
  readonly #concluding: Pick<Concluding, "ledger" | "run" | "file">;
  readonly #told = new Told();

  constructor(concluding: Pick<Concluding, "ledger" | "run" | "file">) {
    this.#concluding = concluding;
  }

  async add(keys: readonly string[]): Promise<void> {
    const { ledger, run, file } = this.#concluding;
    const externalIds = new Map(
      keys.map((key) => [key, organizationRecord(file.organizations, key).externalId]),
    );
    const renamed = await ledger.read((db) => renamedAmong(db, run.migrationId, externalIds));
    for (const key of renamed) this.#told.add(key);
  }

  findings(): Draft[] {
    const told = this.#told.all();
    return told.count === 0 ? [] : [finding(RENAMED, told)];
  }
}
