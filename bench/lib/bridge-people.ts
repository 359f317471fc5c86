import { plainPool } from "../../test/doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../../test/doubles/pool/passwords.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";

const SEED = 1;

export interface Person {
  sub: string;
  email: string;
  password: string;
}

export interface BridgePeople {
  pool: Pool;
  /** The app client that checks passwords. */
  clientId: string;
  /** Have signed in at WorkOS, with the password that they had at Cognito. */
  moved: readonly Person[];
  /** Imported, and never signed in there: their password is at Cognito only. */
  waiting: readonly Person[];
}

/** Confirmed, verified people with passwords. */
export function bridgePeople(moved: number, waiting: number): BridgePeople {
  const client = passwordClient();
  const pool = { ...withPasswords(plainPool({ users: moved + waiting }), SEED), clients: [client] };
  const people = pool.users.map(({ sub, attributes, password }) => ({
    sub,
    email: (attributes.email ?? "").toLowerCase(),
    password: password ?? "",
  }));
  return { pool, clientId: client.id, moved: people.slice(0, moved), waiting: people.slice(moved) };
}
