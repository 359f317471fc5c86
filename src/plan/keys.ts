/** A membership's: a sub holds no space. */
export function membershipKey({ sub, organization }: { sub: string; organization: string }): string {
  return `${sub} ${organization}`;
}
