import type { Pool, PoolClient, PoolUser } from "./pool.ts";
import { createRandom } from "./random.ts";

/** Apart from the streams that users and secrets of the same seed come from. */
const STREAM = 0x9a55;

/** The pool with a password for each native, confirmed user, disabled ones included; the rest stays as it is. */
export function withPasswords(pool: Pool, seed: number): Pool {
  const random = createRandom(seed ^ STREAM);
  const users = pool.users.map((user): PoolUser => {
    // Drawn for everybody, so that a password does not hang on what the others are.
    const password = `Aa1!${random.uuid()}`;
    return user.status === "CONFIRMED" ? { ...user, password } : user;
  });
  return { ...pool, users };
}

/** An app client that takes passwords, by either operation and without a secret unless told otherwise. */
export function passwordClient(parts: Partial<PoolClient> = {}): PoolClient {
  return {
    id: "5pillwaybridge",
    name: "sign-in-bridge",
    secret: null,
    usesOAuth: false,
    flows: [],
    scopes: [],
    callbackUrls: [],
    logoutUrls: [],
    defaultRedirectUri: null,
    providers: ["COGNITO"],
    signInFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    writeAttributes: [],
    ...parts,
  };
}
