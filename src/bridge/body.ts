import { z } from "zod";
import { Secret } from "../domain/secret.ts";
import { normalizeEmail, trimmedAscii } from "../plan/normalize.ts";
import type { Credentials } from "./deps.ts";

/** What callers send. */

/** RFC 5321, 4.5.3.1.3. */
const EMAIL_MAX_LENGTH = 254;
/** More than any vendor takes. */
const PASSWORD_MAX_LENGTH = 1_024;
const USER_AGENT_MAX_LENGTH = 512;
const IP_ADDRESS_MAX_LENGTH = 100;
/**
 * RFC 4007, 11: which link of the application's own machine a link-local IPv6 address is of. Looked for before the length
 * counts, so in a time that grows with the text alone.
 */
const ZONED = /^([^%:]*:[^%]*)%[^%\s]+$/;

/** No spaces, no control characters, and one address: what a mail or a header is made of stays one line. */
const EMAIL = /^[^\s\p{C}@<>,;:"\\()[\]]+@[^\s\p{C}@<>,;:"\\()[\]]+$/u;

export const email = z
  .string()
  .max(EMAIL_MAX_LENGTH)
  .overwrite(trimmedAscii)
  .regex(EMAIL, "must be an e-mail address");
export const password = z
  .string()
  .min(1)
  .max(PASSWORD_MAX_LENGTH)
  .transform((text) => new Secret(text));

/** `ip_address` and `user_agent` are those of the person, as the application sees them. */
export const clientFields = {
  ip_address: z
    .string()
    .max(IP_ADDRESS_MAX_LENGTH)
    .overwrite((text) => text.replace(ZONED, "$1"))
    .pipe(z.union([z.ipv4(), z.ipv6()]))
    .optional(),
  user_agent: z
    .string()
    .max(USER_AGENT_MAX_LENGTH)
    .regex(/^\P{C}*$/u, "must be one line")
    .optional(),
};

export function credentialsOf(given: {
  email: string;
  password: Secret;
  ip_address?: string | undefined;
  user_agent?: string | undefined;
}): Credentials {
  return {
    typed: given.email,
    email: normalizeEmail(given.email) ?? "",
    password: given.password,
    client: { ipAddress: given.ip_address ?? null, userAgent: given.user_agent ?? null },
  };
}

export type ReadBody<T> = { ok: true; value: T } | { ok: false; error: BodyError };

/** `key` is the first one that is not as it has to be; never what stands there. */
export type BodyError =
  | { error: "not_json" }
  | { error: "invalid_body"; key?: string; problem?: "missing" | "wrong" | "unknown" };

/** A key that means something to JavaScript itself is refused wherever it stands. */
const FORBIDDEN = ["__proto__", "constructor", "prototype"];
/** Of a key that is named otherwise nobody knows what it is: somebody's address may have come to stand there. */
const NAME = /^[a-z][a-z_]{0,31}$/i;

export function readBody<S extends z.ZodType>(schema: S, text: string): ReadBody<z.output<S>> {
  let forbidden: string | undefined;
  let body: unknown;
  try {
    body = JSON.parse(text, (key, value: unknown) => {
      if (FORBIDDEN.includes(key)) forbidden ??= key;
      return value;
    });
  } catch {
    return { ok: false, error: { error: "not_json" } };
  }
  if (forbidden !== undefined)
    return { ok: false, error: { error: "invalid_body", key: forbidden, problem: "unknown" } };
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, error: { error: "invalid_body", ...keyOf(parsed.error.issues) } };
}

/** Nothing where it is no object at all. A key that is missing or wrong comes before one that is too many. */
function keyOf(issues: readonly z.core.$ZodIssue[]): Omit<Extract<BodyError, { key?: string }>, "error"> {
  const own = issues.find(({ path }) => path.length > 0);
  if (own !== undefined)
    return { key: String(own.path[0]), problem: own.input === undefined ? "missing" : "wrong" };
  const [issue] = issues;
  if (issue?.code !== "unrecognized_keys") return {};
  const key = issue.keys.find((name) => NAME.test(name));
  return { problem: "unknown", ...(key !== undefined && { key }) };
}
