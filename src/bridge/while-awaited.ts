import type { BridgeDeps } from "./deps.ts";

/**
 * The same for one caller. Once they were answered nothing begins any more, neither at the destination nor at Cognito:
 * what somebody was told has failed must not come true later, and Cognito counts each wrong password. Calls reject then.
 */
export function whileAwaited(deps: BridgeDeps, late: AbortSignal): BridgeDeps {
  const { accounts, passwords, source } = deps;
  const guarded =
    <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
    async (...given: Given) => {
      late.throwIfAborted();
      return call(...given);
    };
  return {
    ...deps,
    late,
    accounts: {
      signIn: guarded(accounts.signIn),
      accountByEmail: guarded(accounts.accountByEmail),
      accountByExternalId: guarded(accounts.accountByExternalId),
      accountById: guarded(accounts.accountById),
      setPassword: guarded(accounts.setPassword),
      resetEvents: guarded(accounts.resetEvents),
      isResetUnused: guarded(accounts.isResetUnused),
    },
    passwords: {
      ...passwords,
      // One that waits for a connection is not sent any more either.
      check: guarded((username, password, context) => passwords.check(username, password, context, late)),
    },
    source: {
      findUser: guarded((sub) => source.findUser(sub)),
      usersByEmail: guarded((email, token) => source.usersByEmail(email, token)),
    },
  };
}
