/** Every picture that this tool makes, and whose code it shows. */

const PEOPLE = "tools/pictures/people.ts";
const TERMINAL = [
  "src/commands/follow.ts",
  "src/commands/screen.ts",
  "tools/pictures/terminal-page.ts",
  PEOPLE,
];
const TEMPORAL_UI = "tools/pictures/temporal-ui.ts";
const LIST = ["src/temporal/search-attributes.ts", "src/workflows/state.ts", TEMPORAL_UI, PEOPLE];
const RUN = [
  "src/workflows/progress.ts",
  "src/workflows/gate.ts",
  "src/domain/told-at-start.ts",
  TEMPORAL_UI,
  PEOPLE,
];
const REPORT = ["src/report/html/page.ts", "tools/pictures/report-page.ts", PEOPLE];

/** By name: the files that make it what it is, with all of the project that they load. */
export const PICTURES = {
  "terminal-60": TERMINAL,
  "terminal-80": TERMINAL,
  "terminal-120": TERMINAL,
  "temporal-list": LIST,
  "temporal-gate": RUN,
  "temporal-users": RUN,
  "temporal-no-worker": RUN,
  "temporal-approval": RUN,
  "temporal-done": RUN,
  "report-desktop": REPORT,
  "report-desktop-dark": REPORT,
  "report-phone": REPORT,
  "report-phone-dark": REPORT,
} as const satisfies Record<string, readonly string[]>;

export type Picture = keyof typeof PICTURES;
export const NAMES = Object.keys(PICTURES) as Picture[];
