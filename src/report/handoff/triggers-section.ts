import type { HandOver } from "../../destinations/hand-over.ts";
import type { HandOffInput } from "./input.ts";
import { code, prose, table } from "./markdown.ts";

/** What replaces each Lambda trigger of the pool. */
export function triggersSection({ setUp, handOver }: HandOffInput): string | null {
  const triggers = setUp.shape?.triggers ?? [];
  if (triggers.length === 0) return null;
  const rows = triggers.map((trigger) => [code(trigger), prose(replacement(handOver, trigger))]);
  return ["## Lambda triggers", table(["Trigger", "What replaces it"], rows)].join("\n\n");
}

function replacement({ name, triggers }: HandOver, trigger: string): string {
  const known = Object.hasOwn(triggers, trigger) ? triggers[trigger] : undefined;
  return (
    known ?? `Not known to Spillway: see what the function does, and whether ${name} has something for it.`
  );
}
