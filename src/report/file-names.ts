/** Of a migration that was undone. */
export const UNDO_FILES = ["undo.csv", "report.html", "summary.schema.json", "summary.json"] as const;

/** The summary comes last: where it is, the others are. */
export const REPORT_FILES = [
  "users.csv",
  "id-map.csv",
  "failures.csv",
  "memberships.csv",
  "resets.csv",
  "differences.csv",
  "clients.csv",
  "attributes.jsonl",
  "handoff.md",
  "report.html",
  "summary.schema.json",
  "summary.json",
] as const;
