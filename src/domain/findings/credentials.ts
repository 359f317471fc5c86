import { inSentence, keptSentence } from "../sentence.ts";
import { kind, mendName, quoted } from "./kind.ts";

/** Identity providers and app clients. */
export const CREDENTIAL_FINDINGS = {
  provider_unknown: kind<{ provider: string; instead: string | null }>({
    severity: "blocker",
    subject: ({ provider }) => provider,
    what: ({ provider }) => `The pool has no identity provider ${quoted(provider)}, which "providers" names.`,
    advice: mendName,
  }),
  provider_without_counterpart: kind<{ provider: string; type: string; instead: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider, type }) =>
      `The destination has no counterpart for the provider ${quoted(provider)} (${type}).`,
    advice: ({ instead }) => instead,
  }),
  provider_without_organization: kind<{ provider: string; type: string }>({
    severity: "blocker",
    subject: ({ provider }) => provider,
    what: ({ provider, type }) =>
      `The provider ${quoted(provider)} (${type}) becomes a connection of one organization, and the file does not say which.`,
    advice: ({ provider }) => placeIt("providers", provider),
  }),
  client_unknown: kind<{ client: string; instead: string | null }>({
    severity: "blocker",
    subject: ({ client }) => client,
    what: ({ client }) => `The pool has no app client with the id ${quoted(client)}, which "clients" names.`,
    advice: mendName,
  }),
  client_without_counterpart: kind<{ client: string; name: string }>({
    severity: "warning",
    subject: ({ client }) => client,
    what: ({ name }) =>
      `The destination takes no applications, so the app client ${quoted(name)} has no counterpart.`,
    advice: "Find another way for its application to sign people in.",
  }),
  client_without_organization: kind<{ client: string; name: string }>({
    severity: "blocker",
    subject: ({ client }) => client,
    what: ({ name }) =>
      `The app client ${quoted(name)} gets tokens for itself (client_credentials) and becomes an application of one organization, and the file does not say which.`,
    advice: ({ client }) => placeIt("clients", client),
  }),
  implicit_flow: kind<{ client: string; name: string }>({
    severity: "warning",
    subject: ({ client }) => client,
    what: ({ name }) =>
      `The app client ${quoted(name)} may use the implicit flow, which the destination does not have.`,
    advice: "Change its application to the code flow with PKCE.",
  }),
  provider_gone: kind<{ provider: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider }) =>
      `The provider ${quoted(provider)} was deleted in Cognito after the run read it: nothing is made for it, and nobody waits for it.`,
    advice: "Start again where the provider is back.",
  }),
  provider_not_verified: kind<{ provider: string; advice: string }>({
    severity: "warning",
    subject: ({ provider }) => provider,
    what: ({ provider }) => `The provider ${quoted(provider)} would be waited for.`,
    advice: ({ advice }) => advice,
  }),
  gate_answer_kept: kind<{ name: string; reason: string; works: boolean }>({
    severity: "warning",
    subject: ({ name }) => name,
    what: keptSentence,
    advice: ({ works }) =>
      works
        ? "It looks as it did then. Where it does no longer, a run waits for it again."
        : "To take that back, set it up: once it leads to the same sign-in as at Cognito, a run counts it as verified by itself.",
  }),
  credentials_failed: kind<{ key: string; code: string | null }>({
    severity: "blocker",
    subject: ({ key }) => key,
    what: ({ key, code }) => `The destination refuses ${inSentence(key)} (${code ?? "no code"}).`,
    advice: null,
  }),
};

function placeIt(key: "providers" | "clients", name: string): string {
  return `Name it in the file, for example \`"${key}": {${inSentence(JSON.stringify(name))}: {"organization": "acme"}}\`, or leave it behind with \`{"skip": "why"}\`, and start again.`;
}
