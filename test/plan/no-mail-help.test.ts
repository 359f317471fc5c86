import { expect, test } from "vitest";
import { type AskingPerson, type AskingPolicy, whyNoAskedMail } from "../../src/plan/doors.ts";
import { NO_MAIL_HELP, noMailHelp } from "../../src/plan/no-mail-help.ts";
import type { NoResetReason } from "../../src/plan/reset-policy.ts";
import { parseFile } from "../domain/parse-file.ts";

const SUB = "11111111-2222-4333-8444-555555555555";
const EMAIL = "ada@ours.example";
const KNOWN = {
  ...{ status: "CONFIRMED", enabled: true, native: true, email: EMAIL, emailVerified: true },
  ...{ isLeftOut: false, changed: null },
};
const DECISION = { sub: SUB, action: "create", reason: null, mergeInto: null } as const;
const ADA: AskingPerson = {
  ...{ ...KNOWN, asked: EMAIL, decision: DECISION, owner: null },
  ...{ hasSignedIn: false, isVerifiedThere: false },
};

interface Asking {
  person?: Partial<AskingPerson>;
  resets?: Partial<AskingPolicy["resets"]>;
  hasSecondFactors?: boolean;
}

/** Somebody whom the campaign leaves out for the reason, and who asks the bridge for a mail. */
const ASKING: Record<Exclude<NoResetReason, "user_not_imported">, Asking> = {
  federated: { person: { native: false } },
  merged_into_federated: {
    person: {
      decision: { sub: SUB, action: "merge", reason: "merged_same_email", mergeInto: "f" },
      owner: { ...KNOWN, native: false },
    },
  },
  disabled: { person: { enabled: false } },
  not_confirmed: { person: { status: "UNCONFIRMED" } },
  unverified: { person: { emailVerified: false } },
  other_domain: { resets: { onlyDomains: ["elsewhere.example"] } },
  address_changed: { person: { asked: "ada.new@ours.example" } },
  changed_in_cognito: { person: { changed: "changed_in_cognito" } },
  second_factor: { hasSecondFactors: true },
  left_out: { person: { isLeftOut: true } },
  // What the campaign alone looks at.
  already_there: {},
  moved_by_bridge: {},
  password_in_doubt: {},
  proven_by_bridge: {},
  already_reset: {},
  asked_already: {},
  unsettled: {},
};

test.each(Object.entries(ASKING))(
  "whoever is not mailed as %s is sent to a forgotten password only where that mails them",
  (reason, asking) => {
    const parsed = parseFile({
      source: { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" },
      destination: { kind: "workos" },
    });
    if (!parsed.ok) throw new Error(parsed.sentence);
    const { person = {}, resets = {}, hasSecondFactors = false } = asking;
    const policy = { resets: { ...parsed.value.passwordResets, ...resets }, hasSecondFactors };
    const isMailed = whyNoAskedMail({ ...ADA, ...person }, policy) === null;
    const helps = noMailHelp(reason)?.helps ?? "";
    if (!isMailed) expect(helps).not.toContain('"forgot password"');
    else if (noMailHelp(reason)?.isToDo) expect(helps).toContain('"forgot password"');
  },
);

test("a word of somebody else's is no reason", () => {
  expect(noMailHelp("constructor")).toBeNull();
  expect(noMailHelp("user_missing")).toBeNull();
  expect(NO_MAIL_HELP.federated.isToDo).toBe(false);
});
