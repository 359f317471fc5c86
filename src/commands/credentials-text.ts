import { terminalText } from "../domain/terminal-text.ts";
import { wrapped } from "../wrap.ts";
import type { ClientStanding } from "./client-standing.ts";
import { type CredentialsStanding, countMissing } from "./credentials-standing.ts";
import { counted } from "./format.ts";
import type { ProviderStanding } from "./provider-standing.ts";

const INDENT = "      ";

/** A block for each provider and app client. `place` is where secrets are kept. */
export function credentialsText(standing: CredentialsStanding, place: string, columns: number): string {
  const { providers, clients } = standing;
  const widths = { name: widest(providers, "name"), type: widest(providers, "type") };
  const missing = countMissing(standing);
  const lines = [
    counted(providers.length, "identity provider"),
    ...providers.flatMap((provider) => providerLines(provider, widths, columns)),
    "",
    counted(clients.length, "app client"),
    ...clients.flatMap((client) => clientLines(client, columns)),
    "",
  ];
  if (clients.some(({ secretName }) => secretName !== null))
    lines.push(wrapped(`Secrets are in ${place}, as SPILLWAY_SECRETS says here.`, columns));
  lines.push(missing === 0 ? "Nothing is missing." : `Missing: ${missing}.`);
  return lines.join("\n");
}

function widest(providers: readonly ProviderStanding[], key: "name" | "type"): number {
  return Math.max(0, ...providers.map((provider) => terminalText(provider[key]).length));
}

function providerLines(
  { name, type, state, fault, whatToDo, reason, sinceEarlierRun }: ProviderStanding,
  widths: { name: number; type: number },
  columns: number,
): string[] {
  const since = sinceEarlierRun ? " since an earlier run" : "";
  const head = `  ${terminalText(name).padEnd(widths.name)}  ${terminalText(type).padEnd(widths.type)}  ${state}${since}`;
  const sentences = reason === null ? whatToDo : [reason, ...whatToDo];
  return [
    fault === null ? head : `${head}: ${fault}`,
    ...sentences.map((sentence) => wrapped(sentence, columns, INDENT)),
  ];
}

function clientLines(
  { clientId, name, state, newClientId, secretName, reason }: ClientStanding,
  columns: number,
): string[] {
  const lines = [`  ${terminalText(name)} (${clientId})  ${state}`];
  if (reason !== null) lines.push(wrapped(reason, columns, INDENT));
  if (newClientId !== null)
    lines.push(
      `${INDENT}client id  ${newClientId}`,
      `${INDENT}secret     ${secretName ?? "none: a public client"}`,
    );
  return lines;
}
