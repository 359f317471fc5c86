import { z } from "zod";

/** The only place that knows WorkOS's statuses and codes, and how the SDK throws them. */

export type Failure =
  | { kind: "rejected"; code: string; message: string }
  /** Its key (a user's address, an external id, a slug) is in use. */
  | { kind: "duplicate"; code: string; message: string }
  | { kind: "absent" }
  | { kind: "slow_down"; retryAfterMs: number }
  | { kind: "access_lost"; code: string }
  /** This call is; whether others are as well says only another one. */
  | { kind: "forbidden"; message: string }
  /** May or may not have taken effect. */
  | { kind: "unknown"; code: string; message: string };

/**
 * `user_creation_error` carries the first two in `errors`, a PUT in `code`; emulators answer 409 with the third. Of a
 * membership that is there nothing is documented: the last two are what other clients of WorkOS look for.
 */
const DUPLICATE_CODES = [
  "email_not_available",
  "external_id_already_used",
  "user_already_exists",
  "organization_membership_already_exists",
  "entity_already_exists",
];

/** Answered, and not as documented. */
export const UNREADABLE = "unreadable";

const DEFAULT_RETRY_AFTER_MS = 1_000;
/** A longer wait than this is taken for a mistake. */
const MAX_RETRY_AFTER_MS = 10 * 60_000;

const vendorErrors = z.array(z.object({ code: z.string().optional(), message: z.string().optional() }));
const thrown = z.object({
  status: z.number(),
  message: z.string().catch(""),
  code: z.string().optional().catch(undefined),
  /** The code of answers that follow OAuth. */
  error: z.string().optional().catch(undefined),
  errors: vendorErrors.catch([]),
  /** Seconds; NaN where WorkOS sent a date. */
  retryAfter: z.number().optional().catch(undefined),
});
type Thrown = z.output<typeof thrown>;

/** `z.instanceof` would name the class at once, and with it Node loads its whole `fetch`. */
const headers = z.custom<Headers>((value) => value instanceof Headers);
/** The SDK wraps its `ParseError` (an answer that is not JSON, for example of a proxy) in a plain Error. */
const wrapped = z.object({
  cause: z.object({ rawStatus: z.number(), rawHeaders: headers.optional() }),
});

/** Longer messages are no help to people, and one is kept for each item that fails. */
const MAX_MESSAGE_LENGTH = 2_000;

/** Translates whatever an SDK call threw. */
export function failureOf(error: unknown): Failure {
  const failure = meaningOf(error);
  if (!("message" in failure) || failure.message.length <= MAX_MESSAGE_LENGTH) return failure;
  return { ...failure, message: `${failure.message.slice(0, MAX_MESSAGE_LENGTH)}…` };
}

function meaningOf(error: unknown): Failure {
  const proxied = wrapped.safeParse(error);
  if (proxied.success) return unreadable(proxied.data.cause.rawStatus, proxied.data.cause.rawHeaders);
  if (error instanceof z.ZodError)
    return { kind: "unknown", code: UNREADABLE, message: "The answer lacks what WorkOS documents." };
  const known = thrown.safeParse(error);
  if (known.success) return ofStatus(known.data);
  return { kind: "unknown", code: "no_answer", message: innermostMessage(error) };
}

function ofStatus(error: Thrown): Failure {
  const { status, message } = error;
  const general = ofAnyStatus(status, error.retryAfter, fullMessage(error));
  if (general !== null) return general;
  if (status === 404) return { kind: "absent" };
  if (isDuplicate(error)) return { kind: "duplicate", code: wordOf(error), message: fullMessage(error) };
  // The SDK makes 408 of its own timeout.
  if (status === 408) return { kind: "unknown", code: "timeout", message };
  if (status >= 400 && status < 500)
    return { kind: "rejected", code: wordOf(error), message: fullMessage(error) };
  return { kind: "unknown", code: `http_${status}`, message };
}

/** Nothing but throttling and refused access is believed of an answer that is not WorkOS's own. */
function unreadable(status: number, headers: Headers | undefined): Failure {
  const retryAfter = Number(headers?.get("retry-after") ?? Number.NaN);
  const message = "The answer was not JSON.";
  return ofAnyStatus(status, retryAfter, message) ?? { kind: "unknown", code: `http_${status}`, message };
}

/** The same for an answer that no SDK has read: of a page that browsers open, without a key. Null for a usable one. */
export function failureOfPage(status: number, retryAfterSeconds: number): Failure | null {
  if (status === 429) return { kind: "slow_down", retryAfterMs: retryAfterMs(retryAfterSeconds) };
  if (status < 500) return null;
  return { kind: "unknown", code: `http_${status}`, message: "The page is not available." };
}

function ofAnyStatus(status: number, retryAfterSeconds: number | undefined, message: string): Failure | null {
  if (status === 429) return { kind: "slow_down", retryAfterMs: retryAfterMs(retryAfterSeconds) };
  if (status === 401) return { kind: "access_lost", code: "unauthorized" };
  if (status === 403) return { kind: "forbidden", message };
  return null;
}

function retryAfterMs(seconds: number | undefined): number {
  if (seconds === undefined || !(seconds > 0)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(Math.ceil(seconds * 1_000), MAX_RETRY_AFTER_MS);
}

function isDuplicate({ status, code, errors, message }: Thrown): boolean {
  if (status === 409) return true;
  if ([code, ...errors.map((error) => error.code)].some((word) => DUPLICATE_CODES.includes(word ?? "")))
    return true;
  // Of a 422 the SDK keeps the codes in the message only.
  return status === 422 && DUPLICATE_CODES.some((word) => message.includes(word));
}

/** WorkOS's codes are words joined by underscores; anything else may be a person's data, which a code never is. */
const CODE = /^(?=.{1,60}$)[a-z]+(_[a-z]+)*$/;

/** The most telling code, as a stable word. */
function wordOf({ status, code, error, errors }: Thrown): string {
  const word = errors[0]?.code ?? code ?? error ?? "";
  return CODE.test(word) ? word : `http_${status}`;
}

function fullMessage({ message, errors }: Thrown): string {
  return [message, ...errors.map((error) => error.message ?? "")].filter((text) => text !== "").join(" ");
}

function innermostMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : "The call failed.";
}
