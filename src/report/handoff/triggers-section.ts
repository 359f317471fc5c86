import { markdownCode as code, markdownProse as prose } from "../../domain/markdown.ts";
import { ownValue } from "../../domain/own-value.ts";
import type { HandOffInput } from "./input.ts";
import { table } from "./markdown.ts";

/** What replaces each Lambda trigger of the pool. */
export function triggersSection({ setUp, vendor }: HandOffInput): string | null {
  const triggers = setUp.shape?.triggers ?? [];
  if (triggers.length === 0) return null;
  const rows = triggers.map((trigger) => [code(trigger), prose(replacement(vendor, trigger))]);
  return ["## Lambda triggers", table(["Trigger", "What replaces it"], rows)].join("\n\n");
}

function replacement({ name, handOver }: HandOffInput["vendor"], trigger: string): string {
  const { triggers } = handOver;
  const known = ownValue(triggers, trigger);
  return (
    known ?? `Not known to Spillway: see what the function does, and whether ${name} has something for it.`
  );
}
