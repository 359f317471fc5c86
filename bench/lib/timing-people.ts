import { plainPool } from "../../test/doubles/pool/make-pool.ts";
import { passwordClient, withPasswords } from "../../test/doubles/pool/passwords.ts";
import type { PoolUser } from "../../test/doubles/pool/pool.ts";
import type { BridgePeople, Person } from "./bridge-people.ts";

const SEED = 2;

interface KindOfPerson {
  /** What an import made of them. */
  account: "none" | "never signed in" | "has signed in";
  change: Partial<PoolUser>;
}

/** Whom nobody may tell from the others, nor from somebody unknown. */
export const KINDS_OF_PEOPLE = {
  "not imported": { account: "none", change: {} },
  imported: { account: "never signed in", change: {} },
  "has signed in": { account: "has signed in", change: {} },
  disabled: { account: "none", change: { enabled: false } },
  "disabled since": { account: "never signed in", change: { enabled: false } },
  "reset required": { account: "never signed in", change: { status: "RESET_REQUIRED" } },
  unconfirmed: { account: "none", change: { status: "UNCONFIRMED" } },
  federated: { account: "never signed in", change: { status: "EXTERNAL_PROVIDER" } },
} as const satisfies Record<string, KindOfPerson>;

export type KindOfPeople = keyof typeof KINDS_OF_PEOPLE;

export interface TimingPeople extends BridgePeople {
  ofKind: ReadonlyMap<KindOfPeople, readonly Person[]>;
}

/** So many people of each kind. */
export function timingPeople(each: number): TimingPeople {
  const client = passwordClient();
  // Made of all its names.
  const kinds = Object.keys(KINDS_OF_PEOPLE) as KindOfPeople[];
  const plain = withPasswords(plainPool({ users: each * kinds.length }), SEED);
  const users = plain.users.map((user, index) => {
    const kind = kinds[Math.floor(index / each)];
    return kind === undefined ? user : { ...user, ...KINDS_OF_PEOPLE[kind].change };
  });
  const people = users.map(({ sub, attributes, password }) => ({
    sub,
    email: (attributes.email ?? "").toLowerCase(),
    password: password ?? "",
  }));
  const slices = kinds.map((kind, index) => ({
    kind,
    account: KINDS_OF_PEOPLE[kind].account,
    people: people.slice(index * each, (index + 1) * each),
  }));
  const withAccount = (wanted: KindOfPerson["account"]) =>
    slices.filter(({ account }) => account === wanted).flatMap((slice) => slice.people);
  return {
    pool: { ...plain, users, clients: [client] },
    clientId: client.id,
    moved: withAccount("has signed in"),
    waiting: withAccount("never signed in"),
    ofKind: new Map(slices.map((slice) => [slice.kind, slice.people])),
  };
}
