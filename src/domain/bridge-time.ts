/** What the sign-in bridge has begun for somebody, a sign-in or a mail, ends and is noted within this, whatever is slow. */
export const BRIDGE_TAKES_MS = 30_000;
