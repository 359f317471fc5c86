import type { Event, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import { Secret } from "../../domain/secret.ts";
import type { ResetOutcome, ResetSender, SentMail } from "../resets.ts";
import { called, pageAnswerOf } from "./calls.ts";
import { type Failure, failureOf } from "./errors.ts";
import { PAGE_SIZE } from "./facts.ts";
import type { Probe } from "./settle.ts";

/** OpenAPI 0.61, `POST /user_management/password_reset`. */
const NOT_ALLOWED = ["password_reset_not_allowed", "email_password_auth_disabled"];
const DAILY_QUOTA = "daily_quota_exceeded";
const CREATED = "password_reset.created";

const coded = z.object({
  status: z.number(),
  code: z.string().optional().catch(undefined),
  message: z.string().catch(""),
  rawData: z.object({ code: z.string() }).optional().catch(undefined),
  retryAfter: z.number().optional().catch(undefined),
});

/** Its token is in the URL as well: one secret less. */
const reset = z.object({
  id: z.string().min(1),
  userId: z.string().min(1),
  passwordResetUrl: z.string().min(1),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** Password resets of WorkOS, which mails the person unless its own mails are turned off in the dashboard. */
export function createResets({ userManagement, events }: WorkOS, probe: Probe): ResetSender {
  return {
    async send(email) {
      try {
        const made = reset.parse(await userManagement.createPasswordReset({ email }));
        const link = { url: new Secret(made.passwordResetUrl), expiresAt: new Date(made.expiresAt) };
        return { kind: "sent", resetId: made.id, userId: made.userId, link };
      } catch (error) {
        return refusalOf(error, probe);
      }
    },
    async sentSince(sinceMs, cursor) {
      const rangeStart = new Date(sinceMs).toISOString();
      const page = await called(async () => {
        const { data, listMetadata } = await events.listEvents({
          events: [CREATED],
          limit: PAGE_SIZE,
          order: "asc",
          // WorkOS takes one of the two.
          ...(cursor === null ? { rangeStart } : { after: cursor }),
        });
        // A mail that cannot be read may be anybody's: without it the record would say too little.
        return { mails: data.map(toMail), nextCursor: listMetadata.after ?? null };
      });
      return pageAnswerOf(page, cursor);
    },
  };
}

const event = z.object({
  createdAt: z.iso.datetime({ offset: true }),
  data: z.object({ id: z.string(), userId: z.string() }),
});

function toMail(answered: Event): SentMail {
  const { createdAt, data } = event.parse(answered);
  return { userId: data.userId, resetId: data.id, atMs: Date.parse(createdAt) };
}

async function refusalOf(error: unknown, probe: Probe): Promise<ResetOutcome> {
  const known = coded.safeParse(error);
  const words = known.success
    ? `${known.data.code ?? known.data.rawData?.code ?? ""} ${known.data.message}`
    : "";
  const refused = NOT_ALLOWED.find((code) => words.includes(code));
  if (refused !== undefined) return { kind: "not_allowed", code: refused };
  const failure = failureOf(error);
  if (failure.kind === "slow_down" && words.includes(DAILY_QUOTA)) {
    const seconds = known.success ? known.data.retryAfter : undefined;
    return {
      kind: "daily_quota",
      retryAfterMs: seconds !== undefined && seconds > 0 ? seconds * 1_000 : null,
    };
  }
  return failure.kind === "forbidden" ? whoIsForbidden(failure, probe) : ofFailure(failure);
}

/** A key that may make other calls works: then it is this person's mail that is refused, and nobody else's. */
async function whoIsForbidden(
  { kind, message }: Extract<Failure, { kind: "forbidden" }>,
  probe: Probe,
): Promise<ResetOutcome> {
  const other = await probe();
  return other.ok ? { kind: "rejected", code: kind, message } : { kind: "access_lost", code: kind };
}

function ofFailure(failure: Exclude<Failure, { kind: "forbidden" }>): ResetOutcome {
  switch (failure.kind) {
    case "absent":
      return { kind: "rejected", code: "user_missing", message: "WorkOS does not know the address." };
    case "duplicate":
      return { kind: "rejected", code: "conflict", message: failure.message };
    default:
      return failure;
  }
}
