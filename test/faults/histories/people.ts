import { plainPool } from "../../doubles/pool/make-pool.ts";
import { type Pool, type PoolUser, poolOf } from "../../doubles/pool/pool.ts";
import { freshPoolId } from "../../setup/fresh-pool-id.ts";

/** A small pool with one of each kind of person whose way differs. */

const PLAIN = 8;
const GROUPS = ["admins", "editors"];
const STARTED_MS = Date.UTC(2024, 0, 1);

let signUps = 0;

/** Native, confirmed and verified, unless the parts say otherwise. */
export function personOf(
  sub: string,
  parts: { email?: string; status?: string; verified?: boolean } = {},
): PoolUser {
  const { email = `${sub}@example.com`, status = "CONFIRMED", verified = true } = parts;
  const userId = `google-${sub}`;
  const identity = { userId, providerName: "Google", providerType: "Google", primary: true, dateCreated: 1 };
  const isFederated = status === "EXTERNAL_PROVIDER";
  signUps += 1;
  return {
    kind: "plain",
    sub,
    username: isFederated ? `Google_${userId}` : sub,
    attributes: {
      sub,
      email,
      email_verified: String(verified),
      given_name: `Given ${sub}`,
      family_name: `Family ${sub}`,
      "custom:plan": "free",
      "custom:tenant": `tenant-${signUps % 3}`,
      ...(isFederated && { identities: JSON.stringify([identity]) }),
    },
    status,
    enabled: true,
    createdAtMs: STARTED_MS + signUps * 1_000,
    modifiedAtMs: STARTED_MS + signUps * 1_000,
  };
}

export function smallPool(): Pool {
  signUps = 0;
  const plain = Array.from({ length: PLAIN }, (_, index) => personOf(`plain-${index}`));
  const twin = personOf("twin");
  const claimed = personOf("claimed");
  const disabled = { ...personOf("disabled"), enabled: false };
  const nameless = personOf("no-address");
  delete nameless.attributes.email;
  const users = [
    ...plain,
    personOf("unverified", { verified: false }),
    personOf("unconfirmed", { status: "UNCONFIRMED", verified: false }),
    disabled,
    personOf("google", { status: "EXTERNAL_PROVIDER" }),
    twin,
    personOf("twin-google", { status: "EXTERNAL_PROVIDER", email: "Twin@example.com" }),
    claimed,
    personOf("claimer", { email: "claimed@example.com", verified: false }),
    nameless,
  ];
  const groups = GROUPS.map((name, precedence) => ({
    name,
    description: "",
    precedence,
    members: users.filter((_, index) => index % 4 === precedence).map(({ sub }) => sub),
  }));
  const base = plainPool({ users: 0, poolId: freshPoolId("history") });
  const attributeNames = [...new Set([...base.attributeNames, "custom:plan", "custom:tenant"])];
  return poolOf({ ...base, users, groups, attributeNames });
}
