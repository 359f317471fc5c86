import { hash } from "node:crypto";
import type { SourceUser } from "../../src/domain/pool.ts";

/** A pool of any size, made of numbers: nobody has to be kept to be known again. */

const FIRST_CREATED_MS = 1_600_000_000_000;
const CREATED_EVERY_MS = 50;
const GROUPS = 20;
const TENANTS = 2_000;
/** One organization is as large as that: of ten people three. */
const LARGEST_TENANT = { of: 10, has: 3 };

/** Those whom the plan treats in a way of their own, one in so many. */
const FEDERATED_EVERY = 10;
/** Shares the address of whoever comes before. */
const SHARED_EVERY = 50;
/** Shares an identity with whoever comes before, under another address. */
const LINKED_EVERY = 200;
const DISABLED_EVERY = 60;
const UNVERIFIED_EVERY = 40;
const WITHOUT_EMAIL_EVERY = 500;
const WITHOUT_TENANT_EVERY = 25;

export const POOL = { region: "eu-west-1", userPoolId: "eu-west-1_Million00" } as const;
export const ENVIRONMENT = "client_million";
export const PROVIDERS = ["Corp", "Google"];

export const FILE = {
  source: POOL,
  destination: { kind: "workos" },
  attributes: { "custom:plan": "plan", locale: "locale" },
  organizations: { from: "attribute", attribute: "custom:tenant" },
  roles: { from: "groups" },
  passwordResets: { send: true, unverified: "skip" },
} as const;

export function groupNames(): string[] {
  return Array.from({ length: GROUPS }, (_, index) => `group-${index}`);
}

/** Cognito's subs are in no order. */
export function subOf(index: number): string {
  const digits = hash("sha256", `person ${index}`);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join("-");
}

export function groupOf(index: number): string {
  return `group-${scattered(index) % GROUPS}`;
}

/** The same numbers in another order. */
function scattered(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 0;
}

function isOneIn(index: number, every: number, which: number): boolean {
  return index % every === which;
}

export function emailOf(index: number): string {
  const owner = isOneIn(index, SHARED_EVERY, 20) ? index - 1 : index;
  return `person.${scattered(owner)}@${owner % 97}.example.com`;
}

export function personOf(index: number): SourceUser {
  const sub = subOf(index);
  const isFederated = isOneIn(index, FEDERATED_EVERY, 0) || isOneIn(index, LINKED_EVERY, 5);
  const createdAtMs = FIRST_CREATED_MS + scattered(index) * CREATED_EVERY_MS;
  return {
    sub,
    username: isFederated ? `corp_${identityOf(index)}` : sub,
    attributes: attributesOf(index, sub),
    status: isFederated
      ? "EXTERNAL_PROVIDER"
      : isOneIn(index, 70, 13)
        ? "FORCE_CHANGE_PASSWORD"
        : "CONFIRMED",
    enabled: !isOneIn(index, DISABLED_EVERY, 7),
    createdAtMs,
    modifiedAtMs: createdAtMs,
    identities: identitiesOf(index),
    identitiesBroken: false,
  };
}

function identitiesOf(index: number): SourceUser["identities"] {
  const holds =
    isOneIn(index, FEDERATED_EVERY, 0) || isOneIn(index, LINKED_EVERY, 4) || isOneIn(index, LINKED_EVERY, 5);
  const provider = PROVIDERS[Math.floor(index / 20) % 2] ?? "Corp";
  return holds ? [{ provider, userId: `${identityOf(index)}` }] : [];
}

function identityOf(index: number): number {
  return isOneIn(index, LINKED_EVERY, 5) ? index - 1 : index;
}

function attributesOf(index: number, sub: string): Record<string, string> {
  return {
    sub,
    ...(isOneIn(index, WITHOUT_EMAIL_EVERY, 11)
      ? {}
      : { email: emailOf(index), email_verified: String(!isOneIn(index, UNVERIFIED_EVERY, 9)) }),
    given_name: `Given ${index % 4_001}`,
    family_name: `Family ${scattered(index) % 60_013}`,
    locale: index % 3 === 0 ? "de-DE" : "en-GB",
    "custom:plan": index % 5 === 0 ? "gold" : "free",
    "custom:seat": `${index % 211}`,
    ...(isOneIn(index, WITHOUT_TENANT_EVERY, 3) ? {} : { "custom:tenant": tenantOf(index) }),
  };
}

function tenantOf(index: number): string {
  const { of, has } = LARGEST_TENANT;
  return index % of < has ? "tenant-0" : `tenant-${1 + (scattered(index) % TENANTS)}`;
}
