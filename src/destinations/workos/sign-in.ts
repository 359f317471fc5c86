import type { Event, User, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { Secret } from "../../secrets/secret.ts";
import type { Account, ClientDetails, CompletedReset, SignInDestination } from "../sign-in.ts";
import { answerOf } from "./answers.ts";
import { called, nullIfAbsent } from "./called.ts";
import { PAGE_SIZE } from "./pages.ts";
import { setPassword } from "./passwords.ts";
import { signInFailure } from "./sign-in-errors.ts";

/** OpenAPI 0.61, `UserlandAuthenticateResponse`: handed on as it is. */
const session = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  user: z.looseObject({ id: z.string().min(1) }),
});

/** Sign-ins with a password at WorkOS. One HTTP call each; nothing is tried twice. */
export function createSignIn(client: WorkOS, clientId: string): SignInDestination {
  const users = client.userManagement;
  return {
    async signIn(email, password, details) {
      try {
        // Past the SDK's own method, which leaves out fields of the answer.
        const { data } = await client.post("/user_management/authenticate", {
          client_id: clientId,
          client_secret: client.key,
          ...credentialsOf(email, password, details),
        });
        return { kind: "signed_in", session: session.parse(data) };
      } catch (error) {
        return signInFailure(error);
      }
    },

    accountByEmail: async (email) =>
      answerOf(
        await called(async () => {
          const { data } = await users.listUsers({ email });
          return data.map(toAccount).find((account) => account.email === email) ?? null;
        }),
      ),

    accountByExternalId: async (externalId) =>
      answerOf(
        nullIfAbsent(await called(async () => toAccount(await users.getUserByExternalId(externalId)))),
      ),

    setPassword: (accountId, password) => setPassword(client, accountId, password),

    completedResets: async (afterEventId) =>
      answerOf(
        await called(async () => {
          const { data } = await client.events.listEvents({
            events: ["password_reset.succeeded"],
            limit: PAGE_SIZE,
            order: "asc",
            ...(afterEventId === null ? {} : { after: afterEventId }),
          });
          return data.map(toReset);
        }),
      ),
  };
}

function credentialsOf(email: string, password: Secret, { ipAddress, userAgent }: ClientDetails) {
  return {
    grant_type: "password",
    email,
    password: password.reveal(),
    ...(ipAddress === null ? {} : { ip_address: ipAddress }),
    ...(userAgent === null ? {} : { user_agent: userAgent }),
  };
}

/** Whoever is not said to have never signed in is not taken for it: an answer without the field is no answer. */
const answeredAccount = z.object({
  id: z.string().min(1),
  email: z.string(),
  emailVerified: z.boolean().catch(false),
  externalId: z.string().nullable(),
  lastSignInAt: z.string().nullable(),
});

function toAccount(user: User): Account {
  const { lastSignInAt, email, ...rest } = answeredAccount.parse(user);
  return { ...rest, email: email.trim().toLowerCase(), hasSignedIn: lastSignInAt !== null };
}

const answeredReset = z.object({
  id: z.string().min(1),
  createdAt: z.iso.datetime({ offset: true }),
  data: z.object({ userId: z.string().min(1) }),
});

function toReset(event: Event): CompletedReset {
  const { id, createdAt, data } = answeredReset.parse(event);
  return { accountId: data.userId, eventId: id, atMs: Date.parse(createdAt) };
}
