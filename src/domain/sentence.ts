import type { KeptProvider } from "./contract.ts";

/** Backticks of a sentence hold its commands: one of a name from outside is shown as JSON writes it. */
export function inSentence(name: string): string {
  return name.replaceAll("`", "\\u0060");
}

/** Where more is told of what a run stands still for. */
export function explainedBy(code: string): string {
  return `\`./spillway explain ${code}\` says more.`;
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

/** The command that a run shows has dots in its place. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** Why a provider cannot be skipped for this reason; null where it can. */
export function refusedReason(reason: string): string | null {
  if (!SAYS_SOMETHING.test(reason))
    return `The reason is empty, or the dots of the command that was shown: say in your own words why, for example "turned off last year".`;
  if (reason.includes("@"))
    return `The reason has an "@", and may hold no e-mail address: it stays in Temporal's history and in the report. Say it without.`;
  return null;
}
