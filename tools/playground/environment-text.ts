import { shellLine } from "../../src/domain/shell-line.ts";
import { OWN_SETTINGS } from "../demo/world.ts";

/**
 * For a shell to read: nothing of its own accounts may reach the playground. Which settings it has is only known there; awk
 * tells, as a value may have lines.
 */
export function environmentText(settings: Readonly<Record<string, string>>): string {
  const names = `awk 'BEGIN { for (name in ENVIRON) if (name ~ /${OWN_SETTINGS}/) print name }'`;
  const exports = Object.entries(settings).map(([name, value]) => shellLine(["export", `${name}=${value}`]));
  return `${[`for name in $(${names}); do unset "$name"; done`, ...exports].join("\n")}\n`;
}
