import type { Command } from "commander";
import { addPortal } from "./credentials-portal.ts";
import { addReveal } from "./credentials-reveal.ts";
import { addStatus } from "./credentials-status.ts";

export function addCredentials(program: Command): void {
  const credentials = program
    .command("credentials")
    .description("What a person needs who sets identity providers and app clients up.");
  for (const add of [addStatus, addReveal, addPortal]) add(credentials);
}
