import { PROVIDER_FAULTS, type ProviderFault } from "../domain/counterparts.ts";
import { bareIssuer } from "../domain/issuer.ts";
import type { KnownProvider } from "../domain/pool.ts";
import { inSentence } from "../domain/sentence.ts";
import { shellLine } from "../domain/shell-line.ts";
import type { ProviderFate } from "./placement.ts";

/** What a person has to do so that a provider works at the destination. Holds no secret. */
export function providerTask(provider: KnownProvider, fate: ProviderFate): string[] {
  const { name } = provider;
  const clientId = inSentence(provider.clientId ?? "(Cognito names none)");
  const reveal = `The secret is shown by \`./spillway credentials reveal ${shellLine([name])}\`.`;
  switch (fate.kind) {
    case "dashboard":
      return [
        `Open ${fate.page} and turn ${fate.provider} on.`,
        `Enter the client id ${clientId}. ${provider.type === "SignInWithApple" ? "Cognito does not give Apple's private key away: take it from your records, or make a new one at Apple." : reveal}`,
        `Add ${fate.redirectUri} at the provider. ${fate.consoleHint}`,
      ];
    case "connection":
      return [
        `Spillway makes the connection in the organization "${inSentence(fate.organization)}". Where that cannot be done by API, \`./spillway credentials portal ${shellLine([name])}\` gives the link at which it is set up by hand.`,
        provider.saml === null
          ? `Enter the client id ${clientId} and the issuer ${inSentence(bareIssuer(provider.issuer ?? ""))} there. ${reveal}`
          : `Whoever runs the provider adds the destination's assertion consumer URL, which the connection's page shows.`,
      ];
    default:
      return [];
  }
}

/** One line for whoever watches the run: what is wrong with the provider, and what to do. */
export function faultAdvice(
  provider: KnownProvider,
  fate: ProviderFate,
  fault: string,
  found: string | null,
): string {
  if (!isFault(fault)) return "The destination has not answered yet.";
  const seen = found === null ? "" : ` (found: ${inSentence(found)})`;
  const expected =
    fault === "wrong_client_id" ? ` Expected: ${inSentence(provider.clientId ?? "none")}.` : "";
  return `${PROVIDER_FAULTS[fault]}${seen}${expected} ${MENDING[fault]} ${stepsAgainst(fault, providerTask(provider, fate)).join(" ")}`.trim();
}

const MENDING: Record<ProviderFault, string> = {
  not_configured: "Set it up:",
  wrong_client_id: "Enter the client id that Cognito uses, or people meet another application:",
  invalid_client: "Enter client id and secret again:",
  redirect_uri_missing:
    "Add the redirect URI at the provider's console, and that of your application at the destination.",
  wrong_host: "Look at the provider's addresses:",
  wrong_entity_id: "Give the connection the entity id that the provider knows:",
  connection_missing: "Make it:",
};

/** A wrong client has nothing to do with redirect URIs, and the other way round. */
function stepsAgainst(fault: ProviderFault, tasks: readonly string[]): readonly string[] {
  if (fault === "wrong_client_id" || fault === "invalid_client") return tasks.slice(0, 2);
  return fault === "redirect_uri_missing" ? tasks.slice(2) : tasks;
}

function isFault(fault: string): fault is ProviderFault {
  return Object.hasOwn(PROVIDER_FAULTS, fault);
}
