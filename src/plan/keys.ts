/** Under which the store keeps a client's new secret: a pool that goes to two environments has one in each. */
export function secretName(poolId: string, environment: string, clientId: string): string {
  return `${poolId}/${environment}/${clientId}`;
}

/** A membership's: a sub holds no space. */
export function membershipKey({ sub, organization }: { sub: string; organization: string }): string {
  return `${sub} ${organization}`;
}
