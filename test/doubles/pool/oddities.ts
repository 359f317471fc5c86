import { identitiesOf, type People } from "./people.ts";
import type { PoolUser } from "./pool.ts";

/** One kind of person or cluster that real pools hold; each call makes a new one. */
type Oddity = (kind: string, people: People) => PoolUser[];

/** Values longer than many destinations take. */
const LONG_VALUE = "A story that goes on and on. ".repeat(24);

const withStatus =
  (status: string): Oddity =>
  (kind, people) => [people.person(kind, { status })];

const withAttributes =
  (attributes: (people: People) => Record<string, string | null>): Oddity =>
  (kind, people) => [people.person(kind, { attributes: attributes(people) })];

const googleId = (people: People) => `1${String(people.random.int(1e15)).padStart(20, "0")}`;

const STATUSES: Record<string, Oddity> = {
  unconfirmed: (kind, people) => [
    people.person(kind, { status: "UNCONFIRMED", attributes: { email_verified: "false" } }),
  ],
  forceChangePassword: withStatus("FORCE_CHANGE_PASSWORD"),
  resetRequired: withStatus("RESET_REQUIRED"),
  archived: withStatus("ARCHIVED"),
  compromised: withStatus("COMPROMISED"),
  unknownStatus: withStatus("UNKNOWN"),
  disabled: (kind, people) => [people.person(kind, { enabled: false })],
};

const ADDRESSES: Record<string, Oddity> = {
  emailUnverified: withAttributes(() => ({ email_verified: "false" })),
  emailVerifiedAbsent: withAttributes(() => ({ email_verified: null })),
  phoneOnly: withAttributes((people) => ({
    email: null,
    email_verified: null,
    phone_number: people.phone(),
    phone_number_verified: "true",
  })),
  usernameOnly: (kind, people) => [
    people.person(kind, {
      username: `user${people.random.int(1e9)}`,
      attributes: { email: null, email_verified: null },
    }),
  ],
  spacedEmail: withAttributes((people) => ({ email: `  ${capitalised(people.email())} ` })),
  plusAddress: withAttributes((people) => ({ email: people.email().replace("@", "+news@") })),
  emailWithoutAt: withAttributes((people) => ({ email: people.email().replace("@", " at ") })),
  emailWithTwoAts: withAttributes((people) => ({ email: people.email().replace("@", "@@") })),
  emailWithoutDomain: withAttributes((people) => ({ email: people.email("") })),
};

const VALUES: Record<string, Oddity> = {
  customAttributes: withAttributes((people) => ({
    "custom:tenant": people.text(people.random.pick(["acme", "globex", "initech"])),
    "custom:seats": people.text(String(people.random.int(500))),
  })),
  devAttributes: withAttributes((people) => ({ "dev:custom:score": people.text("17") })),
  formEncodedClaim: withAttributes((people) => ({
    "custom:roles": people.text("%5Badmin%2C+editor%5D"),
  })),
  longValue: withAttributes((people) => ({ "custom:bio": people.text(LONG_VALUE) })),
  emptyValue: withAttributes(() => ({ "custom:tenant": "" })),
  nonAscii: withAttributes((people) => ({
    given_name: people.text("Zoë 👩‍🚀"),
    family_name: people.foreignName(),
  })),
  nameOnly: withAttributes((people) => ({
    name: people.text("Grace Brewster Hopper"),
    given_name: null,
    family_name: null,
  })),
  noNames: withAttributes(() => ({ given_name: null, family_name: null, locale: null })),
};

const FEDERATED: Record<string, Oddity> = {
  google: (kind, people) => [people.federated(kind, "Google", googleId(people))],
  samlIdWithUnderscore: (kind, people) => [
    people.federated(kind, "Corporate", `Staff_${people.random.int(1e9)}_A`, {
      attributes: { email_verified: "false" },
    }),
  ],
  appleRelay: (kind, people) => [
    people.federated(kind, "SignInWithApple", `001234.${people.random.int(1e12)}.0815`, {
      attributes: { email: people.email("privaterelay.appleid.com"), given_name: null, family_name: null },
    }),
  ],
  lenientIdentities: (kind, people) => [
    people.federated(kind, "Google", googleId(people), {
      attributes: {
        identities: identitiesOf("Google", people.text(googleId(people)), {
          primary: "true",
          dateCreated: "1600000000000",
        }),
      },
    }),
  ],
  identitiesBroken: (kind, people) => [
    people.federated(kind, "Google", googleId(people), {
      attributes: { identities: people.text('[{"userId":"118","providerName":"Goo') },
    }),
  ],
};

/** Several accounts of one address. */
const CLUSTERS: Record<string, Oddity> = {
  nativeAndFederated: (kind, people) => {
    const email = people.email();
    return [
      people.person(kind, { attributes: { email } }),
      people.federated(kind, "Google", googleId(people), { attributes: { email } }),
    ];
  },
  linkedListedTwice: (kind, people) => {
    const federated = people.federated(kind, "Google", googleId(people));
    const { email, identities } = federated.attributes;
    return [
      people.person(kind, { attributes: { email: email ?? null, identities: identities ?? null } }),
      federated,
    ];
  },
  caseVariants: (kind, people) => {
    const email = people.email();
    return [
      people.person(kind, { attributes: { email } }),
      people.person(kind, { attributes: { email: capitalised(email) } }),
    ];
  },
  unverifiedTwin: (kind, people) => {
    const email = people.email();
    return [
      people.person(kind, { attributes: { email } }),
      people.person(kind, { attributes: { email, email_verified: "false" } }),
    ];
  },
  clusterWithDisabled: (kind, people) => {
    const email = people.email();
    return [
      people.person(kind, { attributes: { email } }),
      people.person(kind, { attributes: { email }, enabled: false }),
      people.federated(kind, "Google", googleId(people), { attributes: { email } }),
    ];
  },
  clusterNobodyVerified: (kind, people) => {
    const email = people.email();
    return [
      people.person(kind, { attributes: { email, email_verified: "false" } }),
      people.federated(kind, "Corporate", `u_${people.random.int(1e9)}`, {
        attributes: { email, email_verified: null },
      }),
    ];
  },
};

export const ODDITIES: Readonly<Record<string, Oddity>> = {
  ...STATUSES,
  ...ADDRESSES,
  ...VALUES,
  ...FEDERATED,
  ...CLUSTERS,
};

function capitalised(email: string): string {
  return email.slice(0, 1).toUpperCase() + email.slice(1);
}
