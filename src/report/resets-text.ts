import type { ResetCounts } from "./reset-tally.ts";

/** How the reset mails ended, a line an outcome; null where no campaign has to do with anybody. */
export function resetsText({ mailed, unsettled, failed, open, notMailed }: ResetCounts): string | null {
  const without = notMailed.reduce((sum, { people }) => sum + people, 0);
  const rows: [people: number, what: string][] = [
    [mailed, "mailed"],
    [without, "not mailed"],
    [unsettled, "unsettled: nobody can tell whether the mail went out"],
    [failed, "failed"],
    [open, "open"],
  ];
  const told = rows.filter(([people]) => people > 0);
  if (told.length === 0) return null;
  const width = Math.max(...told.map(([people]) => people.toLocaleString("en-US").length));
  return [
    "Reset mails, of which resets.csv tells each:",
    ...told.map(([people, what]) => `${people.toLocaleString("en-US").padStart(width + 2)}  ${what}`),
  ].join("\n");
}
