import type { RecordProblem, UserRecord } from "../destination.ts";
import {
  EXTERNAL_ID_MAX_LENGTH,
  isAscii,
  isEmail,
  METADATA_KEY_MAX_LENGTH,
  METADATA_MAX_PAIRS,
  METADATA_VALUE_MAX_LENGTH,
} from "./limits.ts";

/** What WorkOS would refuse; names (of any length and alphabet) are never refused. */
export function recordProblems(record: UserRecord): RecordProblem[] {
  const problems: RecordProblem[] = [];
  if (!isEmail(record.email)) problems.push({ attribute: "email", problem: "not an e-mail address" });
  const id = textProblem(record.externalId, EXTERNAL_ID_MAX_LENGTH);
  if (record.externalId === "") problems.push({ attribute: "externalId", problem: "empty" });
  else if (id !== null) problems.push({ attribute: "externalId", problem: id });
  const pairs = Object.entries(record.metadata);
  if (pairs.length > METADATA_MAX_PAIRS)
    problems.push({ attribute: "metadata", problem: `more than ${METADATA_MAX_PAIRS} pairs` });
  for (const [key, value] of pairs) {
    const ofKey = keyProblem(key);
    const problem = ofKey === null ? textProblem(value, METADATA_VALUE_MAX_LENGTH) : `its key is ${ofKey}`;
    if (problem !== null) problems.push({ attribute: key, problem });
  }
  return problems;
}

export function mappingProblems(metadataKeys: readonly string[]): string[] {
  const problems: string[] = [];
  const keys = new Set(metadataKeys);
  if (keys.size > METADATA_MAX_PAIRS)
    problems.push(`WorkOS takes ${METADATA_MAX_PAIRS} metadata keys a user; the file maps ${keys.size}.`);
  for (const key of keys) {
    const problem = keyProblem(key);
    if (problem !== null) problems.push(`WorkOS refuses the metadata key "${key}": it is ${problem}.`);
  }
  return problems;
}

function keyProblem(key: string): string | null {
  return key === "" ? "empty" : textProblem(key, METADATA_KEY_MAX_LENGTH);
}

function textProblem(text: string, maxLength: number): string | null {
  if (text.length > maxLength) return `longer than ${maxLength} characters`;
  return isAscii(text) ? null : "not plain ASCII";
}
