/** Under which the store keeps a client's new secret: a pool that goes to two environments has one in each. */
export function secretName(poolId: string, environment: string, clientId: string): string {
  return `${poolId}/${environment}/${clientId}`;
}

const APPLICATION_PREFIX = "cognito:";

/** By which an app client's application is found again. */
export function applicationKey(clientId: string): string {
  return `${APPLICATION_PREFIX}${clientId}`;
}

/** Whose application carries this key; null for a key of another kind. */
export function clientOfKey(key: string): string | null {
  return key.startsWith(APPLICATION_PREFIX) ? key.slice(APPLICATION_PREFIX.length) : null;
}

/** A membership's: a sub holds no space. */
export function membershipKey({ sub, organization }: { sub: string; organization: string }): string {
  return `${sub} ${organization}`;
}

export function membershipOf(key: string): { sub: string; organization: string } {
  const end = key.indexOf(" ");
  return { sub: key.slice(0, end), organization: key.slice(end + 1) };
}

/** Of everything that somebody is a member of: keys from the first on, below the second, in the order of bytes. */
export function membershipKeysOf(sub: string): { from: string; below: string } {
  return { from: `${sub} `, below: `${sub}!` };
}
