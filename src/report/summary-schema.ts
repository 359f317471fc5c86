import { z } from "zod";
import { PLACED_KINDS } from "../domain/books.ts";
import { RESET_OUTCOMES } from "../domain/outcomes.ts";
import type { LeftBehindWhy } from "../plan/left-behind.ts";
import { OUTCOMES } from "./explain.ts";
import { REPORT_MODES } from "./mode.ts";
import { RESULTS } from "./result.ts";
import { SNAPSHOT_STATES, type Summary } from "./summary.ts";
import type { UndoneSummary } from "./undo-report.ts";

const count = z.int().nonnegative();
const time = z.iso.datetime().nullable();
const outcome = z.enum(OUTCOMES);
const phaseCounts = z.strictObject({ pending: count, done: count, failed: count, skipped: count });

const WHYS = z.union([
  z.enum(["not_mapped", "dropped_by_file", "merged"]),
  z.templateLiteral(["over_limit: ", z.string()]),
]) satisfies z.ZodType<LeftBehindWhy>;

/** What summary.json holds, for whoever reads it by machine: published as docs/summary.schema.json. */
const summarySchema = z
  .strictObject({
    mode: z.enum(REPORT_MODES).describe("A plan tells what a run would do; nothing was written."),
    result: z.enum(RESULTS),
    snapshot: z
      .enum(SNAPSHOT_STATES)
      .describe("How far the newest run has read the pool: whoever is not listed yet is in no other count."),
    pool: z.string(),
    region: z.string(),
    destination: z.string(),
    environment: z.string().describe("Of the destination, as its vendor names it."),
    generation: count.describe("Counts the runs of this migration."),
    purgedAt: time.describe(
      "When personal data was purged from the ledger, which no run has read again since.",
    ),
    firstOutcomeAt: time,
    lastOutcomeAt: time,
    writtenAt: z.iso.datetime(),
    listed: count.describe("People of the newest snapshot; the sum of byOutcome."),
    byOutcome: z.record(outcome, count),
    byReason: z
      .array(z.strictObject({ outcome, reason: z.string(), users: count, explanation: z.string() }))
      .describe("Most frequent first."),
    attributesLeftBehind: z.array(z.strictObject({ attribute: z.string(), why: WHYS, users: count })),
    memberships: phaseCounts,
    organizations: phaseCounts,
    roles: phaseCounts,
    applications: phaseCounts,
    resets: z.strictObject({
      mailed: count,
      unsettled: count,
      failed: count,
      open: count,
      notMailed: z.array(z.strictObject({ reason: z.string(), people: count })),
    }),
    differences: count,
    firstMails: z.array(
      z.strictObject({
        sub: z.string(),
        outcome: z.enum(RESET_OUTCOMES),
        reason: z.string().nullable(),
        isEarlier: z.literal(true).exactOptional(),
      }),
    ),
    providers: z.array(
      z.strictObject({
        name: z.string(),
        type: z.string(),
        state: z.enum(["missing", "open", "verified", "skipped", "none"]),
        fault: z.string().nullable(),
        reason: z.string().nullable(),
        sinceEarlierRun: z.boolean().describe("A person told it an earlier run, and this one goes by it."),
      }),
    ),
    findings: z.array(
      z.strictObject({
        phase: z.string(),
        severity: z.enum(["info", "warning", "blocker"]),
        code: z.string(),
        subject: z.string(),
        sentence: z.string(),
      }),
    ),
  })
  .meta({ title: "Summary of a migration by Spillway" }) satisfies z.ZodType<Summary>;

const undoCounts = z.strictObject({
  removed: count,
  restored: count.describe("Adopted accounts, which are as they were before."),
  kept: count,
  failed: count,
  open: count,
});

/** Of a migration that was undone. */
const undoneSchema = z
  .strictObject({
    mode: z.literal("undo"),
    result: z.enum(["undone", "unfinished"]),
    pool: z.string(),
    region: z.string(),
    destination: z.string(),
    environment: z.string(),
    generation: count,
    writtenAt: z.iso.datetime(),
    byKind: z.record(z.enum(PLACED_KINDS), undoCounts),
  })
  .meta({ title: "Summary of an undo by Spillway" }) satisfies z.ZodType<UndoneSummary>;

/** As summary.json names it: beside it in the folder. */
export const SUMMARY_SCHEMA_FILE = "summary.schema.json";

/** The document, which lets a summary name it. */
export function summarySchemaText(): string {
  const named = { $schema: z.string().optional() };
  const either = z.union([summarySchema.extend(named), undoneSchema.extend(named)]);
  return `${JSON.stringify(z.toJSONSchema(either), null, 2)}\n`;
}
