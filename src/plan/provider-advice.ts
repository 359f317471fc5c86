import { PROVIDER_FAULTS, type ProviderFault } from "../domain/counterparts.ts";
import { bareIssuer } from "../domain/issuer.ts";
import type { KnownProvider } from "../domain/pool.ts";
import { inSentence } from "../domain/sentence.ts";
import { argumentWords, shellLine } from "../domain/shell-line.ts";
import type { ProviderFate } from "./placement.ts";

/** What was seen, and by whom: after a dry run the next run makes what a person would else have to make. */
export interface Look {
  fault: string | null;
  isDryRun: boolean;
}

const NOT_YET: Look = { fault: null, isDryRun: false };

/** What has to be done so that a provider works at the destination. Holds no secret. */
export function providerTask(provider: KnownProvider, fate: ProviderFate, look: Look = NOT_YET): string[] {
  switch (fate.kind) {
    case "dashboard":
      return [
        `Open ${fate.page} and turn ${fate.provider} on.`,
        `Enter the client id ${clientIdOf(provider)}. ${provider.type === "SignInWithApple" ? "Cognito does not give Apple's private key away: take it from your records, or make a new one at Apple." : reveal(provider)}`,
        `Add ${fate.redirectUri} at the provider. ${fate.consoleHint}`,
      ];
    case "connection":
      return connectionTask(provider, `organization "${inSentence(fate.organization)}"`, look);
    default:
      return [];
  }
}

/** Made by API, or by a person where the destination does not offer it; the provider's side is always a person's. */
function connectionTask(provider: KnownProvider, organization: string, look: Look): string[] {
  const { fault } = look;
  const { name, saml, issuer } = provider;
  const link = `\`./spillway credentials portal ${shellLine(argumentWords(name))}\` gives the link at which`;
  const providersSide =
    saml === null
      ? "Whoever runs the provider adds the redirect URI that the connection's page shows."
      : "Whoever runs the provider adds the assertion consumer URL that the connection's page shows.";
  if (fault === null || isMadeByRun(look))
    return [
      `A run makes the connection in the ${organization} where the destination's API allows it. Where it does not, ${link} a person sets it up.`,
      providersSide,
    ];
  const page = saml?.metadataUrl ?? saml?.ssoUrl ?? null;
  const entered =
    saml === null
      ? `Enter the client id ${clientIdOf(provider)} and the issuer ${inSentence(bareIssuer(issuer ?? ""))} there. ${reveal(provider)}`
      : page === null
        ? "Enter what Cognito has of the provider there."
        : `Enter the provider there, which Cognito knows by ${inSentence(page)}.`;
  const where =
    fault === "connection_missing"
      ? `${link} a person sets it up in the ${organization}: no API made it.`
      : `${link} the connection of the ${organization} is changed.`;
  return [where, entered, providersSide];
}

function clientIdOf({ clientId }: KnownProvider): string {
  return inSentence(clientId ?? "(Cognito names none)");
}

function reveal({ name }: KnownProvider): string {
  return `The secret is shown by \`./spillway credentials reveal ${shellLine(argumentWords(name))}\`.`;
}

/** One line for whoever watches the run: what is wrong with the provider, and what to do. */
export function faultAdvice(
  provider: KnownProvider,
  fate: ProviderFate,
  look: Look,
  found: string | null,
): string {
  const { fault } = look;
  if (fault === null || !isFault(fault)) return "The destination has not answered yet.";
  const seen = found === null ? "" : ` (found: ${inSentence(found)})`;
  const expected =
    fault === "wrong_client_id" ? ` Expected: ${inSentence(provider.clientId ?? "none")}.` : "";
  const mending = (look.isDryRun ? AFTER_DRY_RUN[fault] : undefined) ?? MENDING[fault];
  const steps = stepsAgainst(fault, providerTask(provider, fate, look));
  return [`${PROVIDER_FAULTS[fault]}${seen}${expected}`, mending, ...steps]
    .filter((part) => part !== "")
    .join(" ");
}

function isMadeByRun({ fault, isDryRun }: Look): boolean {
  return isDryRun && fault === "connection_missing";
}

export const MENDING: Readonly<Record<ProviderFault, string>> = {
  not_configured: "Set it up:",
  wrong_client_id: "Enter the client id that Cognito uses, or people meet another application:",
  invalid_client: "Enter client id and secret again:",
  redirect_uri_missing:
    "Add the redirect URI at the provider's console, and that of your application at the destination.",
  wrong_host:
    'Where that is meant, sign in with it by hand, and send skipProvider with "works": true. Else look at the provider\'s addresses:',
  wrong_entity_id:
    'Give the connection the entity id that the provider knows, or set "samlEntityId" to "new", tell whoever runs the provider, and start again:',
  connection_missing: "Make it:",
};

/** Where the next run mends it, or a part of it. */
const AFTER_DRY_RUN: Partial<Record<ProviderFault, string>> = {
  redirect_uri_missing:
    "A run that is not dry adds that of your application at the destination. What a person adds:",
  connection_missing: "",
};

/** A wrong client has nothing to do with redirect URIs, and the other way round. */
function stepsAgainst(fault: ProviderFault, tasks: readonly string[]): readonly string[] {
  if (fault === "wrong_client_id" || fault === "invalid_client") return tasks.slice(0, 2);
  return fault === "redirect_uri_missing" ? tasks.slice(2) : tasks;
}

function isFault(fault: string): fault is ProviderFault {
  return Object.hasOwn(PROVIDER_FAULTS, fault);
}
