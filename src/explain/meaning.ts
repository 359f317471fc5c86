import type { Step } from "../domain/contract.ts";

/** What a code means, and what an operator does about it. `POOL`, `FILE` and `SUB` in commands are theirs to replace. */
export interface Meaning {
  means: string;
  /** What to do and to know for that, beside the commands; null where nothing is, or where `means` says it. */
  help: string | null;
  commands: readonly Step[];
}

/** A code with `<…>` stands for all that have something in its place. */
export type Codes = Readonly<Record<string, Meaning>>;

export function meaning(means: string, help: string | null = null, ...commands: Step[]): Meaning {
  return { means, help, commands };
}

/** What stands in a table of ours already, with what helps. */
export function meanings<Code extends string>(
  table: Readonly<Record<Code, string>>,
  more: (code: Code) => Pick<Meaning, "help"> & Partial<Meaning>,
): Codes {
  // The keys of a literal object are its type's keys.
  const codes = Object.keys(table) as Code[];
  return Object.fromEntries(codes.map((code) => [code, { means: table[code], commands: [], ...more(code) }]));
}

export const START: Step = { to: "To start again:", command: "./spillway migrate FILE" };
export const RESUME: Step = { to: "Once its cause is mended:", command: "./spillway resume POOL" };
export const WATCH: Step = { to: "Where the run stands:", command: "./spillway watch POOL" };
export const PERSON: Step = { to: "All about one of them:", command: "./spillway lookup SUB" };
export const REPORT: Step = { to: "To write the report:", command: "./spillway report --out report" };
export const WORDS: Step = {
  to: "What the other side said:",
  command: "./spillway lookup --failures",
};
export const REDRIVE: Step = {
  to: "Once it is mended, to try again what failed:",
  command: "./spillway redrive POOL",
};

/** Where the file has to change: a run keeps the one that it began with. */
export const RESTART: readonly Step[] = [
  {
    to: "Where `./spillway migrate` began the run, to begin anew:",
    command: "./spillway migrate FILE --restart",
  },
  { to: "Else cancel it, and start another one:", command: "./spillway cancel POOL" },
];

export function accept(code: string): Step {
  return { to: "To go on although it is so:", command: `./spillway resume POOL --accept ${code}` };
}
