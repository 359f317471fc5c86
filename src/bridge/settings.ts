import { z } from "zod";
import { GUESSABLE, isGuessable } from "../domain/guessable.ts";
import { isLoopback } from "../domain/loopback.ts";
import type { Parsed } from "../domain/migration.ts";
import { missingSettings } from "../domain/missing-settings.ts";
import { Secret } from "../domain/secret.ts";
import { SIGN_IN_CONTRACTS, type SignInContract } from "../domain/sign-in-contracts.ts";

/** The settings of the sign-in bridge; `settings.ts` reads them. */

const SECRET_MIN_LENGTH = 32;
const MAX_SECRETS = 2;

const callerSecrets = z
  .string()
  .transform((text) => text.split(",").map((one) => one.trim()))
  .refine(
    (secrets) => secrets.length <= MAX_SECRETS && secrets.every((one) => one.length >= SECRET_MIN_LENGTH),
    {
      message: `must be one secret or two with a comma between, of ${SECRET_MIN_LENGTH} characters at least`,
    },
  )
  .refine((secrets) => !secrets.some(isGuessable), { message: GUESSABLE })
  .transform((secrets) => secrets.map((one) => new Secret(one)));

const routes = z
  .string()
  .transform((text) => text.split(",").map((one) => one.trim()))
  .pipe(z.array(z.enum(SIGN_IN_CONTRACTS), { error: `must be some of ${SIGN_IN_CONTRACTS.join(", ")}` }));

const poolId = z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d_[0-9a-zA-Z]+$/, {
  message: 'must be a user pool id such as "eu-west-1_AbCdEfGhI"',
});
/** Longer would be as long as anybody waits for an answer. */
const REFUSAL_MAX_MS = 10_000;
const tries = z.coerce
  .number({ error: "must be a whole number above 0" })
  .int("must be a whole number above 0")
  .positive("must be a whole number above 0");

const DEFAULT_ADDRESS = "127.0.0.1:8787";

/** `addressSuchAs` is the shape of host:port, which other settings have as well, with an example for who gets it wrong. */
export function bridgeShape(addressSuchAs: (example: string) => z.ZodType<string, string>) {
  return {
    SPILLWAY_BRIDGE_ADDRESS: addressSuchAs(DEFAULT_ADDRESS).prefault(DEFAULT_ADDRESS),
    SPILLWAY_BRIDGE_SECRETS: callerSecrets.optional(),
    SPILLWAY_BRIDGE_USER_POOL: poolId.optional(),
    SPILLWAY_BRIDGE_CLIENT_ID: z.string().min(1).optional(),
    SPILLWAY_BRIDGE_CLIENT_SECRET: z.string().min(1).optional(),
    SPILLWAY_BRIDGE_FLOW: z.enum(["admin", "public"]).default("admin"),
    SPILLWAY_BRIDGE_ROUTES: routes.prefault("sign-in"),
    SPILLWAY_BRIDGE_CHANGED_ACCOUNTS: z.enum(["reset", "move"]).default("reset"),
    SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: tries.default(10),
    SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: tries.default(100),
    SPILLWAY_BRIDGE_FORGOTTEN_PER_ADDRESS: tries.default(10),
    SPILLWAY_BRIDGE_MAILS_PER_DAY: tries.default(1_000),
    SPILLWAY_BRIDGE_REFUSAL_MS: tries.max(REFUSAL_MAX_MS, `must be ${REFUSAL_MAX_MS} at most`).default(1_500),
    SPILLWAY_BRIDGE_TLS: z.literal("proxy").optional(),
    SPILLWAY_BRIDGE_TLS_CERT: z.string().min(1).optional(),
    SPILLWAY_BRIDGE_TLS_KEY: z.string().min(1).optional(),
  };
}

export interface BridgeSettings {
  /** host:port. */
  address: string;
  /** One, or two while they are changed. */
  secrets: readonly Secret[];
  userPoolId: string;
  region: string;
  clientId: string;
  clientSecret: Secret | null;
  flow: "admin" | "public";
  routes: readonly SignInContract[];
  /** Of accounts that somebody else has changed: nothing tells a name from a password. */
  changedAccounts: "reset" | "move";
  triesPerMinute: { account: number; address: number };
  forgottenPerAddressAnHour: number;
  /** Reset mails of the bridge. */
  mailsPerDay: number;
  /** Refusals come so long after their request, whatever they are. */
  refusalMs: number;
  /** Paths of PEM files; null where the bridge itself speaks no TLS. */
  tls: { certPath: string; keyPath: string } | null;
  /** Somebody says that what comes to the address has come over TLS, or from this machine. */
  isBehindTls: boolean;
}

type Given = z.output<z.ZodObject<ReturnType<typeof bridgeShape>>>;

const REQUIRED = [
  {
    name: "SPILLWAY_BRIDGE_SECRETS",
    advice: "make one with `openssl rand -hex 32` and give it to the callers",
  },
  { name: "SPILLWAY_BRIDGE_USER_POOL", advice: "name the Cognito user pool" },
  { name: "SPILLWAY_BRIDGE_CLIENT_ID", advice: "name the pool's app client that checks passwords" },
] as const;

/** Whatever else is run needs none of them: they are asked for when the bridge starts. */
export function bridgeSettings(given: Given): Parsed<BridgeSettings> {
  const { SPILLWAY_BRIDGE_SECRETS, SPILLWAY_BRIDGE_USER_POOL, SPILLWAY_BRIDGE_CLIENT_ID } = given;
  if (
    SPILLWAY_BRIDGE_SECRETS === undefined ||
    SPILLWAY_BRIDGE_USER_POOL === undefined ||
    SPILLWAY_BRIDGE_CLIENT_ID === undefined
  )
    return missingSettings(REQUIRED.filter(({ name }) => given[name] === undefined));
  const { SPILLWAY_BRIDGE_TLS_CERT: certPath, SPILLWAY_BRIDGE_TLS_KEY: keyPath } = given;
  if ((certPath === undefined) !== (keyPath === undefined))
    return missingSettings([
      {
        name: certPath === undefined ? "SPILLWAY_BRIDGE_TLS_CERT" : "SPILLWAY_BRIDGE_TLS_KEY",
        advice: "TLS needs both files",
      },
    ]);
  const clientSecret = given.SPILLWAY_BRIDGE_CLIENT_SECRET;
  return {
    ok: true,
    value: {
      address: given.SPILLWAY_BRIDGE_ADDRESS,
      secrets: SPILLWAY_BRIDGE_SECRETS,
      userPoolId: SPILLWAY_BRIDGE_USER_POOL,
      region: SPILLWAY_BRIDGE_USER_POOL.split("_", 1)[0] ?? "",
      clientId: SPILLWAY_BRIDGE_CLIENT_ID,
      clientSecret: clientSecret === undefined ? null : new Secret(clientSecret),
      flow: given.SPILLWAY_BRIDGE_FLOW,
      routes: given.SPILLWAY_BRIDGE_ROUTES,
      changedAccounts: given.SPILLWAY_BRIDGE_CHANGED_ACCOUNTS,
      triesPerMinute: {
        account: given.SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT,
        address: given.SPILLWAY_BRIDGE_TRIES_PER_ADDRESS,
      },
      forgottenPerAddressAnHour: given.SPILLWAY_BRIDGE_FORGOTTEN_PER_ADDRESS,
      mailsPerDay: given.SPILLWAY_BRIDGE_MAILS_PER_DAY,
      refusalMs: given.SPILLWAY_BRIDGE_REFUSAL_MS,
      isBehindTls: given.SPILLWAY_BRIDGE_TLS === "proxy",
      tls: certPath === undefined || keyPath === undefined ? null : { certPath, keyPath },
    },
  };
}

/** A sentence where passwords would come to the address in clear, from other machines; null where all is well. */
export function whyNotServed({ address, tls, isBehindTls }: BridgeSettings): string | null {
  const host = address.slice(0, address.lastIndexOf(":"));
  if (tls !== null || isBehindTls || isLoopback(host)) return null;
  return `SPILLWAY_BRIDGE_ADDRESS opens ${address} to other machines, and passwords would come there without TLS; set SPILLWAY_BRIDGE_TLS_CERT and SPILLWAY_BRIDGE_TLS_KEY, or SPILLWAY_BRIDGE_TLS=proxy where a proxy before it speaks TLS.`;
}
