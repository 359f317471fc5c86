/**
 * A stand-in of an operator's program that takes reset mails: real HTTP on loopback, refuses what is not signed as the
 * documentation says, or is not of the documented shape, and keeps what it took.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, serve } from "../shared/serve.ts";

/** Older signatures may be replays. */
const MAX_AGE_SECONDS = 300;

const mailSchema = z.strictObject({
  to: z.string(),
  link: z.url(),
  expires_at: z.iso.datetime(),
  sub: z.string(),
  language: z.string().nullable(),
});
const bodySchema = z.union([mailSchema, z.strictObject({ check: z.literal(true) })]);

export interface TakenMail extends z.output<typeof mailSchema> {
  idempotencyKey: string;
}

type Instead = { status: 429 | 503; retryAfterSeconds: number } | { status: 422 };

export interface WebhookDouble {
  /** Of its one path, `/mails`. */
  url: string;
  mails: readonly TakenMail[];
  /** Operation `mail`. */
  journal: Journal;
  faults: Faults;
  /** Answered in place of taking a mail; null takes it. A webhook knows whom a mail is for, which a fault does not. */
  answerTo: (mail: z.output<typeof mailSchema>) => Instead | null;
  close(): Promise<void>;
}

export async function startWebhookDouble(secret: string): Promise<WebhookDouble> {
  const mails: TakenMail[] = [];
  const journal = createJournal();
  const faults = createFaults();

  const double: Omit<WebhookDouble, "url" | "close"> = { mails, journal, faults, answerTo: () => null };
  const app = new Hono<DoubleEnv>();
  app.use(disturb({ journal, faults, operationOf: () => "mail" }));
  app.post("/mails", async (context) => {
    const text = await context.req.text();
    const timestamp = context.req.header("x-spillway-timestamp") ?? "";
    const given = context.req.header("x-spillway-signature") ?? "";
    if (!isSigned(secret, timestamp, text, given)) return context.json({ error: "wrong signature" }, 401);
    const idempotencyKey = context.req.header("idempotency-key");
    const body = bodySchema.safeParse(JSON.parse(text));
    if (!body.success || idempotencyKey === undefined) return context.json({ error: "wrong shape" }, 422);
    if ("to" in body.data) {
      context.set("key", body.data.sub);
      const instead = double.answerTo(body.data);
      if (instead?.status === 422) return context.body(null, 422);
      if (instead !== null)
        return context.body(null, instead.status, { "retry-after": String(instead.retryAfterSeconds) });
      mails.push({ ...body.data, idempotencyKey });
    }
    return context.json({ ok: true }, 202);
  });

  const { url, close } = await serve(app);
  return Object.assign(double, { url: `${url}/mails`, close });
}

function isSigned(secret: string, timestamp: string, text: string, given: string): boolean {
  const ageSeconds = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (!/^\d{10}$/.test(timestamp) || ageSeconds > MAX_AGE_SECONDS) return false;
  const wanted = Buffer.from(
    `v1=${createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex")}`,
  );
  const signature = Buffer.from(given);
  return signature.length === wanted.length && timingSafeEqual(signature, wanted);
}
