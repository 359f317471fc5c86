import { request } from "undici";
import { z } from "zod";
import type { BridgePeople, Person } from "./bridge-people.ts";
import type { Cognito, Workos } from "./doubles.ts";

/** Calls to the doubles themselves, beside the bridge. */

const SEED_AT_ONCE = 16;
const seeded = z.array(z.object({ id: z.string(), external_id: z.string() }));

export interface Vendors {
  cognito: Cognito;
  workos: Workos;
}

/** Accounts for everybody, and passwords for those who have moved. Returns their ids by sub. */
export async function importPeople(
  workos: Workos,
  { moved, waiting }: BridgePeople,
): Promise<ReadonlyMap<string, string>> {
  const accountOf =
    (last_sign_in_at: string | null) =>
    ({ sub, email }: Person) => ({ email, email_verified: true, external_id: sub, last_sign_in_at });
  const users = [...moved.map(accountOf(new Date().toISOString())), ...waiting.map(accountOf(null))];
  const made = seeded.parse(await control(workos, "users", users));
  const accounts = new Map(made.map(({ id, external_id }) => [external_id, id]));
  for (let from = 0; from < moved.length; from += SEED_AT_ONCE)
    await Promise.all(
      moved.slice(from, from + SEED_AT_ONCE).map(async ({ sub, password }) => {
        const path = `/user_management/users/${accounts.get(sub)}`;
        if ((await toWorkos(workos, "PUT", path, { password })) !== 200)
          throw new Error("A password was not taken.");
      }),
    );
  return accounts;
}

/** From now on each call of either vendor takes this long at the least, and both count calls: at `scale` × limits. */
export async function slowDown(
  { cognito, workos }: Vendors,
  latencyMs: number,
  scale: number,
): Promise<void> {
  await control(workos, "options", { latencyMs, unlimited: false, limitScale: scale });
  await control(cognito, "faults", [
    { match: {}, times: Number.MAX_SAFE_INTEGER, effect: { kind: "delay", ms: latencyMs } },
  ]);
}

/** A sign-in at WorkOS, past the bridge. Resolves with the status. */
export function signInAtWorkos(workos: Workos, { email, password }: Person): Promise<number> {
  const { clientId, key } = workos;
  const body = { client_id: clientId, client_secret: key, grant_type: "password", email, password };
  return toWorkos(workos, "POST", "/user_management/authenticate", body);
}

/** One of WorkOS's answers that no token is made for. */
export function readAtWorkos(workos: Workos, { sub }: Person): Promise<number> {
  return toWorkos(workos, "GET", `/user_management/users/external_id/${sub}`);
}

/** A sign-in at Cognito, past the bridge; by the operation that needs no signature. */
export async function signInAtCognito(
  { url }: Cognito,
  clientId: string,
  { email, password }: Person,
): Promise<number> {
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
    },
    body: JSON.stringify({
      ClientId: clientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: email, PASSWORD: password },
    }),
  });
  await body.dump();
  return statusCode;
}

async function toWorkos(
  { url, key }: Workos,
  method: "GET" | "POST" | "PUT",
  path: string,
  given?: unknown,
): Promise<number> {
  const { statusCode, body } = await request(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: given === undefined ? null : JSON.stringify(given),
  });
  await body.dump();
  return statusCode;
}

async function control({ url }: Workos | Cognito, what: string, given: unknown): Promise<unknown> {
  const { statusCode, body } = await request(`${url}/__double/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(given),
  });
  const answer = await body.json();
  if (statusCode !== 200) throw new Error(`The double refused ${what}: ${JSON.stringify(answer)}`);
  return answer;
}
