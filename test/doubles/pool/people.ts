import type { Faker } from "@faker-js/faker";
import { faker as de } from "@faker-js/faker/locale/de";
import { faker as en } from "@faker-js/faker/locale/en";
import { faker as ja } from "@faker-js/faker/locale/ja";
import { faker as pl } from "@faker-js/faker/locale/pl";
import type { PoolUser } from "./pool.ts";
import type { Random } from "./random.ts";

/** Makes single users; the oddities bend what it makes. */
export interface People {
  random: Random;
  /** A native, confirmed, verified, enabled user with names. Parts given replace its own. */
  person(kind: string, parts?: PersonParts): PoolUser;
  /** A federated user as Cognito makes it: `<Provider>_<id>` with an `identities` attribute. */
  federated(kind: string, provider: string, providerUserId: string, parts?: PersonParts): PoolUser;
  /** A new address that no other user has. */
  email(domain?: string): string;
  phone(): string;
  /** Free text of a person: carries the marker, where there is one. */
  text(value: string): string;
  /** A family name outside of ASCII. */
  foreignName(): string;
}

export interface PersonParts {
  username?: string;
  /** Null takes the attribute away. */
  attributes?: Record<string, string | null>;
  status?: string;
  enabled?: boolean;
}

const FIRST_DAY_MS = Date.UTC(2017, 5, 1);
const LAST_DAY_MS = Date.UTC(2026, 5, 1);
const DOMAINS = ["example.com", "example.org", "mail.example.net", "example.co.uk"] as const;

export function createPeople(random: Random, seed: number, marker?: () => string): People {
  const names = nameLists(seed);
  let serial = 0;
  const text = (value: string) => (marker === undefined ? value : `${value} ${marker()}`);
  const joined = (value: string) => (marker === undefined ? value : `${value}.${marker()}`);

  const email: People["email"] = (domain = random.pick(DOMAINS)) => {
    serial += 1;
    const local = `${slug(random.pick(names.first))}.${slug(random.pick(names.last))}${serial}`;
    return `${joined(local)}@${domain}`;
  };
  const phone = () => joined(`+49151${String(10_000_000 + random.int(89_999_999))}`);

  const person: People["person"] = (kind, parts = {}) => {
    const sub = random.uuid();
    const createdAtMs = FIRST_DAY_MS + random.int(LAST_DAY_MS - FIRST_DAY_MS);
    const attributes: Record<string, string | null> = {
      sub,
      email: email(),
      email_verified: "true",
      given_name: text(random.pick(names.first)),
      family_name: text(random.pick(names.last)),
      locale: text(random.pick(["en-GB", "de-DE", "pl-PL"])),
      "custom:plan": text(random.pick(["free", "pro", "team"])),
      ...parts.attributes,
    };
    return {
      kind,
      sub,
      // With e-mail addresses as usernames, Cognito's Username is the sub.
      username: joined(parts.username ?? sub),
      attributes: withoutNulls(attributes),
      status: parts.status ?? "CONFIRMED",
      enabled: parts.enabled ?? true,
      createdAtMs,
      modifiedAtMs: createdAtMs + random.int(LAST_DAY_MS - createdAtMs + 1),
    };
  };

  const federated: People["federated"] = (kind, provider, providerUserId, parts = {}) => {
    const username = `${provider}_${providerUserId.toLowerCase()}`;
    const identities = identitiesOf(provider, joined(providerUserId));
    return person(kind, {
      username,
      status: "EXTERNAL_PROVIDER",
      ...parts,
      attributes: { identities, ...parts.attributes },
    });
  };

  return {
    random,
    person,
    federated,
    email,
    phone,
    text,
    foreignName: () => text(random.pick(names.foreign)),
  };
}

/** The `identities` attribute as Cognito writes it today. */
export function identitiesOf(provider: string, userId: string, more: Record<string, unknown> = {}): string {
  const type = PROVIDER_TYPES[provider] ?? "OIDC";
  const identity = { userId, providerName: provider, providerType: type, issuer: null, primary: true };
  return JSON.stringify([{ ...identity, dateCreated: 1_600_000_000_000, ...more }]);
}

const PROVIDER_TYPES: Record<string, string> = {
  Google: "Google",
  SignInWithApple: "SignInWithApple",
  Corporate: "SAML",
  LoginWithAmazon: "LoginWithAmazon",
};

function withoutNulls(attributes: Record<string, string | null>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== null && value !== undefined) kept[name] = value;
  }
  return kept;
}

interface NameLists {
  first: [string, ...string[]];
  last: [string, ...string[]];
  foreign: [string, ...string[]];
}

/** Drawn once: a faker call per field would be too slow for pools of hundreds of thousands. */
function nameLists(seed: number): NameLists {
  const draw = (faker: Faker, count: number, next: (faker: Faker) => string): string[] => {
    faker.seed(seed);
    return Array.from({ length: count }, () => next(faker));
  };
  const first = (faker: Faker) => faker.person.firstName();
  const last = (faker: Faker) => faker.person.lastName();
  return {
    first: ["Ada", ...draw(en, 300, first), ...draw(de, 100, first)],
    last: ["Lovelace", ...draw(en, 300, last), ...draw(de, 100, last)],
    foreign: ["Łukasiewicz", ...draw(pl, 40, last), ...draw(ja, 40, last)],
  };
}

const slugs = new Map<string, string>();

function slug(name: string): string {
  const known = slugs.get(name);
  if (known !== undefined) return known;
  const made = name
    .normalize("NFKD")
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
  slugs.set(name, made);
  return made;
}
