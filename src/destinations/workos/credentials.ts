import type { WorkOS } from "@workos-inc/node";
import { Secret } from "../../secrets/secret.ts";
import type { CredentialsSender } from "../credentials.ts";
import { answerOf } from "./answers.ts";
import { sendApplication } from "./applications.ts";
import { checkProvider, type SignInDoor } from "./check-provider.ts";
import { sendConnection } from "./connections.ts";
import { counterpartOf } from "./counterparts.ts";
import { createCredentialsCalls } from "./credentials-calls.ts";
import { everyPage } from "./pages.ts";
import { sendRedirectUri } from "./redirect-uris.ts";

/** Sign-in providers, redirect URIs and Connect applications of WorkOS. */
export function createCredentials(client: WorkOS, door: SignInDoor): CredentialsSender {
  const calls = createCredentialsCalls(client);
  return {
    counterpartOf,
    connection: (record, attempt) => sendConnection(calls, record, attempt),
    listConnections: async (organizationId) =>
      answerOf(await everyPage((cursor) => calls.connections(organizationId, cursor))),
    portalLink: async (organizationId) => answerOf(await calls.portalLink(organizationId)),
    checkProvider: (target) => checkProvider(calls, door, target),
    redirectUri: (uri, attempt) => sendRedirectUri(calls, uri, attempt),
    application: (record, attempt) => sendApplication(calls, record, attempt),
    async getApplication(id) {
      const answer = answerOf(await calls.application(id));
      if (!answer.ok || answer.value === null) return answer.ok ? { ok: true, value: null } : answer;
      return { ok: true, value: { id: answer.value.id, clientId: answer.value.clientId } };
    },
    listSecrets: async (applicationId) => answerOf(await calls.secrets(applicationId)),
    async newSecret(applicationId) {
      const answer = answerOf(await calls.createSecret(applicationId));
      if (!answer.ok) return answer;
      return { ok: true, value: { id: answer.value.id, secret: new Secret(answer.value.secret) } };
    },
    removeSecret: async (secretId) => answerOf(await calls.removeSecret(secretId)),
  };
}
