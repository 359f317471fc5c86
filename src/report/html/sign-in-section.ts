import { html } from "hono/html";
import { WITHOUT_PROVIDER } from "../../domain/counterparts.ts";
import type { ProviderStanding } from "../providers.ts";
import type { PageInput } from "./input.ts";
import { noted, type Section, table } from "./parts.ts";
import { grouped, type Html, named } from "./words.ts";

/** What people will notice: how each group of them signs in afterwards. */
export function signInSection({ signIns, setUp, migration }: PageInput): Section {
  const { federated, bridge, mail, password } = signIns;
  const groups: [who: string, people: number, notice: string][] = [
    [
      "with their identity provider",
      federated.provider,
      "The same button as before. They have no password to lose.",
    ],
    ...withoutProvider(federated),
    ["with the password that they have", bridge, "Nothing: the sign-in bridge has brought it along."],
    [
      "with a new password",
      mail,
      "A mail with a link by which they set it. Until then the old one works while the bridge runs.",
    ],
    [
      "not yet: their password has not come along",
      password,
      pendingNotice(migration.file.passwordResets.send),
    ],
  ];
  const rows = groups.map(([who, people, notice]) => [noted(who, notice), grouped(people)]);
  return {
    id: "sign-in",
    title: "What people will notice",
    body: html`${table("How people sign in afterwards", ["They sign in, and notice", { number: "Accounts" }], rows)}
${setUp.providers.length > 0 ? providers(setUp.providers) : ""}`,
  };
}

/** Whom the same button does not let in, or nobody knows whether it does. */
function withoutProvider({ email, not_yet, unknown }: PageInput["signIns"]["federated"]) {
  const groups: [who: string, people: number, notice: string][] = [
    [
      "by e-mail: their identity provider does not come along",
      email,
      `Another way than before: tell them. ${WITHOUT_PROVIDER}`,
    ],
    [
      "not yet: their identity provider is not set up",
      not_yet,
      "They cannot sign in before that: the hand-off below has the steps.",
    ],
    [
      "with an identity provider that is not known here",
      unknown,
      "Their identities were purged from the ledger, or cannot be read in the pool.",
    ],
  ];
  return groups.filter(([, people]) => people > 0);
}

function pendingNotice(sends: boolean): string {
  const bridge = "Over the bridge, nothing: their next sign-in brings it along.";
  return sends
    ? `${bridge} The others get a mail with a link, or ask for one, unless the table of reset mails says why not.`
    : `${bridge} Without the bridge they cannot sign in before they set a new one: the file sends no reset mails.`;
}

const STATES: Readonly<Record<ProviderStanding["check"]["state"], string>> = {
  verified: "verified: it leads to the same sign-in as before",
  missing: "not verified yet: its people could not sign in",
  open: "not looked at: the pilot did not need it",
  skipped: "left behind",
  none: "no counterpart",
};

function stateOf({ state, reason, earlier }: ProviderStanding["check"]): Html {
  const since = earlier === 1 ? ", as an earlier run was told" : "";
  return html`${STATES[state]}${since}${reason === null ? "" : html` (${named(reason)})`}`;
}

function providers(standings: readonly ProviderStanding[]): Html {
  const rows = standings.map(({ provider, check, identities }) => [
    noted(named(provider.name), stateOf(check)),
    provider.type,
    grouped(identities),
  ]);
  return table(
    "Identity providers",
    ["Provider, and where it stands", "Type", { number: "Identities" }],
    rows,
  );
}
