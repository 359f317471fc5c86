import { z } from "zod";
import type { KeyLimits } from "./key-set.ts";

/** What the options of a verifier have to be, whoever typed them: a number that is none would let expired tokens in. */

const MAX_TOLERANCE_SECONDS = 600;
/** Older keys are believed no more. */
const HOUR_MS = 3_600_000;

const word = z.string({ error: "must be a text" }).min(1, "must not be empty");
const words = z.union([word, z.array(word).min(1)], {
  error: "must be a text or a list of texts, none of them empty",
});
const address = z.url({ error: "must be an address" });
const tokenUse = z.enum(["access", "id"], { error: 'must be "access" or "id"' });

function number(from: number, to: number): z.ZodNumber {
  const error = `must be a number from ${from} to ${to}`;
  return z.number({ error }).min(from, error).max(to, error);
}

/** A name that nobody knows is refused: it may be a limit that somebody has misspelt. */
const optionsSchema = z.strictObject({
  cognito: z.strictObject({
    region: word,
    userPoolId: z.string().regex(/^[\w-]+_[0-9a-zA-Z]+$/, "must be the id of a user pool"),
    clientId: words,
    tokenUse: tokenUse.optional(),
    issuer: words.optional(),
    jwksUri: address.optional(),
  }),
  destination: z.strictObject({
    kind: z.literal("workos", { error: 'must be "workos"' }),
    clientId: word,
    issuer: words.optional(),
    jwksUri: address.optional(),
    audience: words.optional(),
    tokenUse: tokenUse.optional(),
    connect: z.strictObject({ issuer: address, clientId: words, jwksUri: address.optional() }).optional(),
  }),
  idMap: z.custom((value) => typeof value === "function", { error: "must be a function" }).optional(),
  clockToleranceSeconds: number(0, MAX_TOLERANCE_SECONDS).default(30),
  keys: z
    .strictObject({
      cooldownMs: number(0, HOUR_MS).default(30_000),
      maxAgeMs: number(1, HOUR_MS).default(600_000),
      timeoutMs: number(1, HOUR_MS).default(5_000),
    })
    .prefault({}),
});

/** The limits of a verifier, once all of its options are checked. Throws a TypeError that names the first wrong one. */
export function checkedLimits(options: unknown): { toleranceSeconds: number; keys: KeyLimits } {
  const checked = optionsSchema.safeParse(options);
  if (!checked.success) {
    const [{ path, message } = { path: [], message: "" }] = checked.error.issues;
    throw new TypeError(`Options of createTokenVerifier: ${[path.join("."), message].join(" ").trim()}.`);
  }
  return { toleranceSeconds: checked.data.clockToleranceSeconds, keys: checked.data.keys };
}
