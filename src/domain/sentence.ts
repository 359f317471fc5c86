import type { KeptProvider } from "./contract.ts";

/** Backticks of a sentence hold its commands: one of a name from outside is shown as JSON writes it. */
export function inSentence(name: string): string {
  return name.replaceAll("`", "\\u0060");
}

/** Of a provider that the gate lets pass by what an earlier run was told. */
export function keptSentence({ name, reason, works }: KeptProvider): string {
  return `${inSentence(name)} ${works ? "counts as verified" : "is skipped"} since an earlier run: ${inSentence(reason)}.`;
}

/** Why a provider cannot be skipped; null where the run waits for it. */
export function notWaitedFor(provider: string, missing: readonly string[]): string | null {
  if (missing.length === 0) return "The run does not wait for any provider.";
  if (missing.includes(provider)) return null;
  return `The run does not wait for "${provider}", but for ${missing.join(", ")}.`;
}
