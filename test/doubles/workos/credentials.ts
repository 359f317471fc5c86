import type { Stores } from "./stores.ts";

/** What people sign in with, as tests set and ask it; not journaled. All throw for an unknown user id. */
export interface Credentials {
  /** As if the person had set it; no policy is asked. */
  setPassword(userId: string, text: string): void;
  passwordIs(userId: string, text: string): boolean;
  /** Whether the person has a second factor. */
  setMfa(userId: string, isEnrolled: boolean): void;
}

export function createCredentials({ users, passwords, mfaEnrolled }: Stores): Credentials {
  const check = (userId: string) => {
    if (!users.users.has(userId)) throw new Error(`There is no user ${userId}.`);
  };
  return {
    setPassword(userId, text) {
      check(userId);
      passwords.set(userId, { kind: "text", text });
    },
    passwordIs(userId, text) {
      check(userId);
      return passwords.is(userId, text);
    },
    setMfa(userId, isEnrolled) {
      check(userId);
      if (isEnrolled) mfaEnrolled.add(userId);
      else mfaEnrolled.delete(userId);
    },
  };
}
