import type { Answer } from "./bridge.ts";

/** What the bridge says to show, in words for people. */
export const SENTENCES: Readonly<Record<Exclude<Answer["show"], "session">, string>> = {
  wrong: "The e-mail address or the password is not right.",
  reset: "You need a new password. Please choose one with “Forgot your password?”.",
  verify:
    "Please confirm your e-mail address with the code in our message, which this example does not ask for.",
  unverified: "Your e-mail address was never confirmed. Please write to support@example.com.",
  second_factor: "Your account asks for a second step, which this example leaves out.",
  choose: "You belong to several organizations, and this example does not let you choose one.",
  other_method: "Please sign in the way your organization does, for example with its single sign-on.",
  contact: "This account cannot sign in. Please write to support@example.com.",
  later: "This does not work right now. Please try again in a minute.",
  mailed: "If there is an account with this address, a message with a link is on its way to you.",
};
