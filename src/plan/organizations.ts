import type { Migration } from "../domain/migration.ts";
import { ownValue } from "../domain/own-value.ts";
import type { KnowsStructure, OrganizationRecord } from "../domain/records.ts";
import { storableKey } from "./texts.ts";

type Rule = Migration["organizations"];

/** Keys of the organizations that an account belongs to, by the file's rule. Pure. */
export function organizationKeys(
  rule: Rule,
  attributes: Readonly<Record<string, string>>,
  groups: readonly string[],
): string[] {
  switch (rule.from) {
    case "none":
      return [];
    case "fixed":
      return [rule.organization];
    case "attribute": {
      const value = ownValue(attributes, rule.attribute)?.trim();
      return value ? [storableKey(value)] : [];
    }
    case "group": {
      const keys = groups.map((group) => organizationOfGroup(rule, group)).filter((key) => key !== null);
      return [...new Set(keys)];
    }
  }
}

/** The organization that a group stands for; null for a group that is none. */
export function organizationOfGroup(rule: Rule, group: string): string | null {
  if (rule.from !== "group" || !group.startsWith(rule.prefix)) return null;
  const key = group.slice(rule.prefix.length).trim();
  return key === "" ? null : storableKey(key);
}

/** What the destination is to hold for an organization. */
export function organizationRecord({ named }: Rule, key: string): OrganizationRecord {
  const { name, externalId, verifiedDomains } = ownValue(named, key) ?? {};
  return { externalId: externalId ?? key, name: name ?? key, verifiedDomains: verifiedDomains ?? [] };
}

const ANOTHERS_ID = "its external id is the one that the file gives another organization";

/** What stands against an organization. Made once for many: the file may name thousands. */
export function organizationJudge(
  rule: Rule,
  destination: Pick<KnowsStructure, "organizationProblems">,
): (key: string) => string[] {
  const given = new Set(Object.values(rule.named).flatMap(({ externalId }) => externalId ?? []));
  return (key) => {
    const problems = destination.organizationProblems(organizationRecord(rule, key));
    // Where the file gives two of them one id they are meant to be one; by chance, people would join somebody else's.
    const isGiven = ownValue(rule.named, key)?.externalId !== undefined;
    return given.has(key) && !isGiven ? [...problems, ANOTHERS_ID] : problems;
  };
}
