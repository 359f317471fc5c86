import { z } from "zod";

/** The part of vitest's JSON report that is counted. */
const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** What ran in a stage. */
export interface Stage {
  /** Whether each check beside the tests passed: lint, types, … */
  checks: Readonly<Record<string, boolean>>;
  /** Vitest's own verdict, its exit code. */
  tests: boolean;
  /** Vitest's JSON report, or null without one. */
  report: unknown;
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Each check counts as one. So does what fails without a failed test, and a stage in which no test ran. */
export function tally({ checks, tests, report }: Stage): Tally {
  const verdicts = Object.values(checks);
  const tested = tallyTests(tests, report);
  return {
    ...tested,
    passed: verdicts.filter((good) => good).length + tested.passed,
    failed: verdicts.filter((good) => !good).length + tested.failed,
  };
}

function tallyTests(verdict: boolean, report: unknown): Tally {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 };
  const { success, numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data;
  const failed = numFailedTests + testResults.filter(failedAsAWhole).length;
  const unseen = failed === 0 && (!verdict || !success || numPassedTests === 0);
  return { passed: numPassedTests, failed: unseen ? 1 : failed, skipped: numPendingTests + numTodoTests };
}

/** A file that could not be loaded, whose hooks failed or whose process died shows no failed test of its own. */
function failedAsAWhole(file: z.infer<typeof reportSchema>["testResults"][number]): boolean {
  return file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed");
}
