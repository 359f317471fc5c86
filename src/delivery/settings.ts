import { z } from "zod";
import { GUESSABLE, isGuessable } from "../domain/guessable.ts";
import { isLoopback, isPrivate } from "../domain/loopback.ts";
import type { Parsed } from "../domain/migration.ts";
import { missingSettings } from "../domain/missing-settings.ts";
import { Secret } from "../domain/secret.ts";
import { isMailAddress, type MailAddress, parseSender } from "./mail-address.ts";

/** The SPILLWAY_MAIL settings: where own reset mails go. */

export interface SmtpSetting {
  kind: "smtp";
  host: string;
  port: number;
  /** TLS from the first byte; without it, by STARTTLS. */
  implicitTls: boolean;
  /** Nothing is said to a server that offers no TLS. */
  requireTls: boolean;
  login: { user: string; password: Secret } | null;
  from: MailAddress;
  /** Null for the text that Spillway has of its own. */
  templatePath: string | null;
}

export interface WebhookSetting {
  kind: "webhook";
  /** May itself be a secret: operators are told its origin only. */
  url: Secret;
  origin: string;
  /** Signs every call. */
  secret: Secret;
}

export type MailSetting = SmtpSetting | WebhookSetting;

const SMTP_PORT = 587;
const SMTPS_PORT = 465;
/** As long as what `openssl rand -hex 16` gives. */
const SECRET_MIN_LENGTH = 32;

type Place = Omit<SmtpSetting, "from" | "templatePath"> | Omit<WebhookSetting, "secret">;

const PLACES =
  "must be smtp://user:password@host:587, smtps://user:password@host:465 or webhook:https://host/path";
const NOTHING_AFTER =
  "must end after the port; a password's /, ?, #, @ and % are written as %2F, %3F, %23, %40 and %25";
const LOGIN =
  "must name both a user and a password, or neither; special characters are written as %40 and so on";
const PLAIN_WEBHOOK = "must be https://, as its mails hold secrets; http:// is for this machine only";
const WEBHOOK_LOGIN = "must name no user and no #; calls are signed with SPILLWAY_MAIL_SECRET";

const place = z.string().transform((value, context): Place => {
  const parsed = value.startsWith("webhook:")
    ? webhookPlace(value.slice("webhook:".length))
    : smtpPlace(value);
  if (typeof parsed !== "string") return parsed;
  context.addIssue({ code: "custom", message: parsed });
  return z.NEVER;
});

const sender = z.string().transform((value, context): MailAddress => {
  const parsed = parseSender(value);
  if (parsed !== null && isMailAddress(parsed.address)) return parsed;
  context.addIssue({
    code: "custom",
    message: "must be an address such as accounts@example.com, or Example <accounts@example.com>",
  });
  return z.NEVER;
});

export const mailShape = {
  /** Where own reset mails go. */
  SPILLWAY_MAIL: place.optional(),
  SPILLWAY_MAIL_FROM: sender.optional(),
  /** A text file: the mail's subject and body; those of other languages stand beside it. */
  SPILLWAY_MAIL_TEMPLATE: z.string().optional(),
  /** Signs calls of a webhook. */
  SPILLWAY_MAIL_SECRET: z
    .string()
    .min(
      SECRET_MIN_LENGTH,
      `must have ${SECRET_MIN_LENGTH} characters or more, as \`openssl rand -hex 32\` gives`,
    )
    .refine((secret) => !isGuessable(secret), { message: GUESSABLE })
    .optional(),
};

const mailSchema = z.object(mailShape);

/** Null where no own mails are set up. */
export function mailSetting(settings: z.output<typeof mailSchema>): Parsed<MailSetting | null> {
  const { SPILLWAY_MAIL, SPILLWAY_MAIL_FROM, SPILLWAY_MAIL_TEMPLATE, SPILLWAY_MAIL_SECRET } = settings;
  if (SPILLWAY_MAIL === undefined) return { ok: true, value: null };
  if (SPILLWAY_MAIL.kind === "smtp") {
    if (SPILLWAY_MAIL_FROM === undefined)
      return missingSettings([
        { name: "SPILLWAY_MAIL_FROM", advice: "name the address that reset mails come from" },
      ]);
    const templatePath = SPILLWAY_MAIL_TEMPLATE ?? null;
    return { ok: true, value: { ...SPILLWAY_MAIL, from: SPILLWAY_MAIL_FROM, templatePath } };
  }
  if (SPILLWAY_MAIL_SECRET === undefined)
    return missingSettings([
      {
        name: "SPILLWAY_MAIL_SECRET",
        advice: "make one with `openssl rand -hex 32` and give it to the webhook",
      },
    ]);
  return { ok: true, value: { ...SPILLWAY_MAIL, secret: new Secret(SPILLWAY_MAIL_SECRET) } };
}

/** A text is what is wrong. */
function smtpPlace(value: string): Place | string {
  const url = URL.parse(value);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === "") return PLACES;
  if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "") return NOTHING_AFTER;
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === null || password === null || (user === "") !== (password === "")) return LOGIN;
  const implicitTls = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[(.+)\]$/, "$1");
  return {
    kind: "smtp",
    host,
    port: Number(url.port || (implicitTls ? SMTPS_PORT : SMTP_PORT)),
    implicitTls,
    requireTls: !isLoopback(host),
    login: user === "" ? null : { user, password: new Secret(password) },
  };
}

function webhookPlace(value: string): Place | string {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return PLACES;
  if (!isPrivate(url)) return PLAIN_WEBHOOK;
  if (url.username !== "" || url.password !== "" || url.hash !== "") return WEBHOOK_LOGIN;
  return { kind: "webhook", url: new Secret(url.href), origin: url.origin };
}

/** Null for a percent sign that encodes nothing. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
