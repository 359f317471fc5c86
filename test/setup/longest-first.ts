import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes: one that began last would run alone at the end, while a core stands idle. */
const LONGEST = [
  "faults/histories.long",
  "ledger/large.long",
  "faults/resets-crashes.long",
  "faults/weather.long",
  "faults/restored-ledger.long",
  "faults/crashes.long",
  "workflows/runs",
  "workflows/resets",
  "commands/wrong-use",
];

/** Starts the files that take longest before all others, whether or not an earlier run measured them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    return others.toSorted((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId));
  }
}

function placeOf(path: string): number {
  const place = LONGEST.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return place === -1 ? LONGEST.length : place;
}
