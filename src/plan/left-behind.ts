import type { Migration } from "../domain/migration.ts";
import { ownValue } from "../domain/own-value.ts";
import type { RecordProblem } from "../domain/records.ts";
import { normalizeEmail } from "./normalize.ts";

type Attributes = Readonly<Record<string, string>>;
type Rules = Pick<Migration, "attributes" | "metadata" | "organizations">;

/** Why a value stands nowhere at the destination. */
export type LeftBehindWhy =
  | "not_mapped"
  /** The file maps the attribute to null. */
  | "dropped_by_file"
  /** The person was merged into an account that has another value. */
  | "merged"
  /** The destination would refuse it. */
  | `over_limit: ${string}`;

export interface LeftAttribute {
  attribute: string;
  value: string;
  why: LeftBehindWhy;
}

/** Cognito's list of links: the links themselves were used, and their ids mean nothing elsewhere. */
const NEVER = "identities";
const ALWAYS = ["sub", "email_verified"];

/**
 * A person's values that the destination does not hold, in the order of `own`. `standing` is what the account that
 * stands for them was made of: their own attributes, or those of the account they were merged into; `problems` are
 * those of its record. Blank values are nothing. Pure.
 */
export function leftBehind(
  rules: Rules,
  own: Attributes,
  standing: Attributes,
  problems: readonly RecordProblem[],
): LeftAttribute[] {
  return Object.entries(own).flatMap(([attribute, value]) => {
    if (value.trim() === "" || attribute === NEVER || ALWAYS.includes(attribute)) return [];
    const why = whyLeft(rules, attribute, value, standing, problems);
    return why === null ? [] : [{ attribute, value, why }];
  });
}

/** Null for a value that came along. */
function whyLeft(
  rules: Rules,
  attribute: string,
  value: string,
  standing: Attributes,
  problems: readonly RecordProblem[],
): LeftBehindWhy | null {
  if (rules.organizations.from === "attribute" && rules.organizations.attribute === attribute) return null;
  const carriers = carriersOf(rules, attribute, standing);
  if (carriers.length === 0) return isDropped(rules, attribute) ? "dropped_by_file" : "not_mapped";
  if (!isSame(attribute, value, attributeOf(standing, attribute))) return "merged";
  const refusals = carriers.map((fields) => problems.find((problem) => fields.includes(problem.attribute)));
  // One place that holds it is enough.
  const [refusal] = refusals.includes(undefined) ? [] : refusals;
  return refusal === undefined ? null : `over_limit: ${refusal.problem}`;
}

/** Where the record holds an attribute: each carrier is the fields that hold it together, named as by `recordProblems`. */
function carriersOf({ attributes, metadata }: Rules, attribute: string, standing: Attributes): string[][] {
  if (attribute === "email") return [["email"]];
  const key = ownValue(attributes, attribute);
  const joins = Object.entries(metadata).filter(
    ([, rule]) => "join" in rule && rule.join.includes(attribute),
  );
  return [
    ...(key === undefined || key === null ? [] : [[key]]),
    ...joins.map(([joined]) => [joined]),
    ...nameCarriers(attribute, standing),
  ];
}

/** As `toRecord` makes names: the whole name counts only where its parts are not given. */
function nameCarriers(attribute: string, standing: Attributes): string[][] {
  if (attribute === "given_name") return [["firstName"]];
  if (attribute === "family_name") return [["lastName"]];
  const hasParts =
    `${attributeOf(standing, "given_name")}${attributeOf(standing, "family_name")}`.trim() !== "";
  return attribute === "name" && !hasParts ? [["firstName", "lastName"]] : [];
}

function isDropped({ attributes }: Rules, attribute: string): boolean {
  return ownValue(attributes, attribute) === null;
}

function isSame(attribute: string, value: string, other: string): boolean {
  return attribute === "email" ? normalizeEmail(value) === normalizeEmail(other) : value === other;
}

function attributeOf(attributes: Attributes, name: string): string {
  return ownValue(attributes, name) ?? "";
}
