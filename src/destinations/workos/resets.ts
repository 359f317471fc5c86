import type { Event, WorkOS } from "@workos-inc/node";
import { z } from "zod";
import { Secret } from "../../secrets/secret.ts";
import type { ResetOutcome, ResetSender, SentMail } from "../resets.ts";
import { answerOf } from "./answers.ts";
import { called } from "./called.ts";
import { type Failure, failureOf } from "./errors.ts";
import { PAGE_SIZE } from "./pages.ts";

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
  passwordResetUrl: z.string().min(1),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** Password resets of WorkOS, which mails the person unless its own mails are turned off in the dashboard. */
export function createResets({ userManagement, events }: WorkOS): ResetSender {
  return {
    kinds: ["resets", "writes", "calls"],
    async send(email) {
      try {
        const made = reset.parse(await userManagement.createPasswordReset({ email }));
        const link = { url: new Secret(made.passwordResetUrl), expiresAt: new Date(made.expiresAt) };
        return { kind: "sent", resetId: made.id, link };
      } catch (error) {
        return refusalOf(error);
      }
    },
    async sentSince(sinceMs, cursor) {
      const rangeStart = new Date(sinceMs).toISOString();
      return answerOf(
        await called(async () => {
          const { data, listMetadata } = await events.listEvents({
            events: [CREATED],
            limit: PAGE_SIZE,
            order: "asc",
            // WorkOS takes one of the two.
            ...(cursor === null ? { rangeStart } : { after: cursor }),
          });
          return { mails: data.map(toMail), nextCursor: listMetadata.after ?? null };
        }),
      );
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

function refusalOf(error: unknown): ResetOutcome {
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
  return ofFailure(failure);
}

function ofFailure(failure: Failure): ResetOutcome {
  switch (failure.kind) {
    case "absent":
      return { kind: "rejected", code: "user_missing", message: "WorkOS does not know the address." };
    case "duplicate":
      return { kind: "rejected", code: "conflict", message: failure.message };
    default:
      return failure;
  }
}
