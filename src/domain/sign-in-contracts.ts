/** Who asks the sign-in bridge: an application, `sign-in`, or the destination itself, in words of its own. */
export const SIGN_IN_CONTRACTS = ["sign-in", "fusionauth", "password-hook", "descope"] as const;
export type SignInContract = (typeof SIGN_IN_CONTRACTS)[number];
