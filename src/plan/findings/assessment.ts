import type { KnowsCounterparts } from "../../domain/counterparts.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolConfiguration, PoolShape } from "../../domain/pool.ts";
import type { KnowsStructure } from "../../domain/records.ts";
import { type CanaryPerson, canaryFindings } from "./canary.ts";
import { credentialFindings } from "./credentials.ts";
import { notTaken } from "./not-taken.ts";
import { foreseenFindings } from "./organizations.ts";
import { poolFindings } from "./pool.ts";
import { ruleFindings, takenRoles } from "./rules.ts";

/** Whether something can be used; the sentence says what is wrong and what to do. */
export type Proof = { ok: true } | { ok: false; sentence: string };

/** What a worker itself stands on. */
export interface Workplace {
  ledger: Proof;
  /** Null where no secret will have to be kept. */
  secrets: Proof | null;
  /** Null where the file wants no mails of the workers' own. */
  mails: { place: string; proof: Proof } | null;
}

/** Everything that is read before a run writes anything. */
export interface SetUp {
  shape: PoolShape;
  configuration: PoolConfiguration;
  /** Slugs of the groups' roles that stand at the destination and that no run made, as far as is known. */
  foreignRoles: readonly string[];
  /** Whom the file names to be mailed first, but for those who were mailed. */
  canary: readonly CanaryPerson[];
  workplace: Workplace;
}

/** What `check` shows, and what a run finds in its first phase. Pure. */
export function assessment(
  file: Migration,
  { shape, configuration, foreignRoles, canary, workplace }: SetUp,
  destination: KnowsStructure & KnowsCounterparts,
): Draft[] {
  return [
    ...poolFindings(file, shape),
    ...notTaken(file, destination),
    ...ruleFindings(file, shape, configuration, destination),
    ...takenRoles(file, configuration, foreignRoles),
    ...credentialFindings(file, configuration, destination),
    ...foreseenFindings(file, configuration, destination),
    ...canaryFindings(file, canary),
    ...workplaceFindings(workplace),
  ];
}

function workplaceFindings({ ledger, secrets, mails }: Workplace): Draft[] {
  const drafts: Draft[] = [];
  if (!ledger.ok) drafts.push(finding("ledger_unusable", ledger));
  // A secret is shown once: the place where it will be kept has to be ready before.
  if (secrets?.ok === false) drafts.push(finding("secret_store", secrets));
  if (mails?.proof.ok === false) drafts.push(finding("mail_sink", mails.proof));
  // The destination's own mails must not go out beside them.
  if (mails?.proof.ok) drafts.push(finding("own_mails", mails));
  return drafts;
}
