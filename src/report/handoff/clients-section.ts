import { markdownCode as code, markdownText as text } from "../../domain/markdown.ts";
import { type ClientStanding, secretPlace } from "../clients.ts";
import type { HandOffInput } from "./input.ts";
import { table } from "./markdown.ts";

const OUTCOMES: Readonly<Record<ClientStanding["outcome"], string>> = {
  application: "application",
  machine: "machine to machine",
  not_needed: "not needed",
  not_taken: "no counterpart",
  left_behind: "left behind",
  failed: "failed",
  open: "not made yet",
};

/** Which client id becomes which, and where the secrets are. */
export function clientsSection({ setUp }: HandOffInput): string | null {
  if (setUp.clients.length === 0) return null;
  const header = ["App client", "Cognito's client id", "Outcome", "New client id", "Secret", "Redirect URIs"];
  return ["## Applications", table(header, setUp.clients.map(row))].join("\n\n");
}

function row({ client, outcome, destinationClientId, secretName }: ClientStanding): string[] {
  return [
    text(client.name),
    code(client.id),
    OUTCOMES[outcome],
    destinationClientId === null ? "" : code(destinationClientId),
    secretName === null ? "" : text(secretPlace(secretName)),
    client.callbackUrls.map(code).join("<br>"),
  ];
}
