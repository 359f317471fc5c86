/** What CHANGELOG.md says of a version, without its heading; null where it has no section of it, or an empty one. */
export function notesOf(changelog: string, version: string): string | null {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## [${version}] - `));
  if (start === -1) return null;
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => line.startsWith("## "));
  const notes = after
    .slice(0, end === -1 ? undefined : end)
    .join("\n")
    .trim();
  return notes === "" ? null : notes;
}
