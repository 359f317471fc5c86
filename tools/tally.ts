import { z } from "zod";

/** The part of vitest's JSON report that is counted. */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** What ran: `tests` is vitest's own verdict, `report` its JSON report, or null without one. */
export interface Checks {
  lint: boolean;
  types: boolean;
  tests: boolean;
  report: unknown;
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Lint and types count as one check each. A failure of vitest that no test shows still counts as one. */
export function tally({ lint, types, tests, report }: Checks): Tally {
  const checks = [lint, types];
  const tested = tallyTests(report);
  const unexplained = !tests && tested.failed === 0 ? 1 : 0;
  return {
    passed: checks.filter((good) => good).length + tested.passed,
    failed: checks.filter((good) => !good).length + tested.failed + unexplained,
    skipped: tested.skipped,
  };
}

function tallyTests(report: unknown): Tally {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data;
  return {
    passed: numPassedTests,
    failed: numFailedTests + testResults.filter(failedAsAWhole).length,
    skipped: numPendingTests + numTodoTests,
  };
}

/** A file that could not be loaded, or whose hooks failed, shows no failed test of its own. */
function failedAsAWhole(file: z.infer<typeof reportSchema>["testResults"][number]): boolean {
  return file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed");
}
