import { request } from "undici";
import { z } from "zod";
import type { GivenOptions } from "../../test/doubles/workos/options.ts";
import type { BridgePeople, Person } from "./bridge-people.ts";
import type { Cognito, Workos } from "./doubles.ts";

/** Calls to the doubles themselves, beside the bridge. */

const SEED_AT_ONCE = 16;
const RESETS = "/events?events=password_reset.succeeded&limit=100&order=asc";
const seeded = z.array(z.object({ id: z.string(), external_id: z.string() }));

type Credentials = Pick<Person, "email" | "password">;

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

/** Changes how the double behaves from now on. */
export async function setWorkosOptions(workos: Workos, options: GivenOptions): Promise<void> {
  await control(workos, "options", options);
}

/** A repeat sign-in without the bridge: what it asks WorkOS. Resolves with the status. */
export function signInAtWorkos(workos: Workos, { email, password }: Credentials): Promise<number> {
  const { clientId, key } = workos;
  const body = { client_id: clientId, client_secret: key, grant_type: "password", email, password };
  return toWorkos(workos, "POST", "/user_management/authenticate", body);
}

/** A first sign-in without the bridge: what it asks both vendors, in its order. Resolves with the last status. */
export async function firstSignInAtVendors(
  { cognito, workos }: Vendors,
  { clientId, accountOf }: { clientId: string; accountOf: ReadonlyMap<string, string> },
  person: Person,
): Promise<number> {
  const { sub, email, password } = person;
  const byEmail = `/user_management/users?email=${encodeURIComponent(email)}`;
  const byKey = `/user_management/users/external_id/${sub}`;
  const account = `/user_management/users/${accountOf.get(sub)}`;
  const statuses = [
    await signInAtWorkos(workos, { email, password: `not ${password}` }),
    ...(await Promise.all([toWorkos(workos, "GET", byEmail), toWorkos(workos, "GET", RESETS)])),
    await signInAtCognito(cognito, clientId, person),
    await toWorkos(workos, "GET", RESETS),
    await toWorkos(workos, "GET", byKey),
    await toWorkos(workos, "PUT", account, { password }),
  ];
  if (String(statuses) !== "400,200,200,200,200,200,200")
    throw new Error(`The vendors answered a first sign-in with ${statuses}.`);
  return signInAtWorkos(workos, person);
}

/** By the operation that needs no signature. */
async function signInAtCognito(
  { url }: Cognito,
  clientId: string,
  { email, password }: Credentials,
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
