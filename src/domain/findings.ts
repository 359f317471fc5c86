import { CREDENTIAL_FINDINGS } from "./findings/credentials.ts";
import type { Concerned, FindingKind, Severity } from "./findings/kind.ts";
import { LATER_FINDINGS } from "./findings/later.ts";
import { PEOPLE_FINDINGS } from "./findings/people.ts";
import { POOL_FINDINGS } from "./findings/pool.ts";
import { RULE_FINDINGS } from "./findings/rules.ts";
import { VERIFICATION_FINDINGS } from "./findings/verification.ts";
import { CHECK_FINDINGS, WORKPLACE_FINDINGS } from "./findings/workplace.ts";

/** What an operator should know, found by looking at pool, file and destination. Every kind stands in this registry. */
const KINDS = {
  ...POOL_FINDINGS,
  ...RULE_FINDINGS,
  ...CREDENTIAL_FINDINGS,
  ...WORKPLACE_FINDINGS,
  ...CHECK_FINDINGS,
  ...PEOPLE_FINDINGS,
  ...LATER_FINDINGS,
  ...VERIFICATION_FINDINGS,
};

/** Stable words; `src/explain/findings.ts` says what each means, whatever it is about. */
export type FindingCode = keyof typeof KINDS;
/** What the sentences of each kind are made of. */
export type FindingParts = {
  [Code in FindingCode]: (typeof KINDS)[Code] extends FindingKind<infer Of> ? Of : never;
};

export const FINDINGS: { readonly [Code in FindingCode]: FindingKind<FindingParts[Code]> } = KINDS;

/** A finding as the ledger and the report have it. */
export interface Finding {
  phase: string;
  severity: Severity;
  code: string;
  /** What it is about: an attribute, a group; never a person's data. */
  subject: string;
  /** What is so, and what to do. */
  sentence: string;
}

/** A finding as it is made. */
export interface Draft {
  severity: Severity;
  code: FindingCode;
  subject: string;
  what: string;
  advice: string | null;
  /** Whom it is about, where that is worth a count. */
  concerned: Concerned | null;
}

export function finding<Code extends FindingCode>(code: Code, of: FindingParts[Code]): Draft {
  const { severity, subject, what, advice, concerned }: FindingKind<FindingParts[Code]> = FINDINGS[code];
  const toDo = typeof advice === "function" ? advice(of) : advice;
  return {
    severity,
    code,
    subject: readable(subject(of)),
    what: readable(what(of)),
    advice: toDo === null ? null : readable(toDo),
    concerned: concerned?.(of) ?? null,
  };
}

export function sentenceOf({ what, advice }: Draft): string {
  return advice === null ? what : `${what} ${advice}`;
}

/** The finding with a count of those whom it concerns. */
export function concerning(draft: Draft, whom: string): Draft {
  return { ...draft, what: `${draft.what.replace(/\.$/, "")} (it concerns ${whom}).` };
}

/** What stops a run shows in one place of the Temporal UI: the first few say enough. */
const MAX_TOLD = 10;

/** The sentences of what a run waits for, each once. */
export function toldTogether(drafts: readonly Draft[]): string {
  const sentences = [...new Set(drafts.map(sentenceOf))];
  const more = sentences.length - MAX_TOLD;
  const rest = more > 0 ? [`And ${more} more: \`./spillway report --out report\` lists them all.`] : [];
  return [...sentences.slice(0, MAX_TOLD), ...rest].join(" ");
}

/** Names come from outside: what no ledger and no screen takes is replaced. */
function readable(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}/gu, "\u{FFFD}");
}
