import { z } from "zod";
import { type BridgeSettings, bridgeSettings, bridgeShape } from "./bridge/settings.ts";
import { type MailSetting, mailSetting, mailShape } from "./delivery/mail-setting.ts";
import type { Parsed } from "./migration.ts";

/** The environment, read once and typed. The only reader of process.env. */

const ledgerUrl = z
  .string()
  .regex(
    /^(sqlite:.+|postgres(ql)?:\/\/.+)$/,
    "must be sqlite:<path> or postgres://user:password@host/database",
  );
const MAX_PORT = 65_535;
const address = z.string().refine((value) => Number(/^[^:\s]+:(\d{1,5})$/.exec(value)?.[1]) <= MAX_PORT, {
  message: "must be host:port, for example 0.0.0.0:9464",
});
const webUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });
/** Names of secrets: ASCII letters, digits and these, 512 in all (Secrets Manager API, `CreateSecret`, `Name`). */
const SECRET_PREFIX = /^[\w/+=.@-]+$/;
const SECRET_NAME_MAX_LENGTH = 512;
/** After the prefix: a pool id, "/" and an app client id, at their longest (Cognito API). */
const SECRET_NAME_ROOM = 55 + 1 + 128;
const SECRET_PREFIX_MAX_LENGTH = SECRET_NAME_MAX_LENGTH - SECRET_NAME_ROOM;

const secretsPlace = z.string().transform((value, context): SecretsSetting => {
  const [, kind, rest = ""] = /^(file|aws-secrets-manager):(.+)$/.exec(value) ?? [];
  if (kind === "file") return { kind, path: rest };
  if (kind === "aws-secrets-manager" && isSecretPrefix(rest)) return { kind, prefix: rest };
  const message =
    kind === undefined
      ? "must be file:<path> or aws-secrets-manager:<prefix>, for example aws-secrets-manager:spillway/"
      : `must have a prefix of letters, digits and /_+=.@- only, at most ${SECRET_PREFIX_MAX_LENGTH} characters`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

function isSecretPrefix(prefix: string): boolean {
  return SECRET_PREFIX.test(prefix) && prefix.length <= SECRET_PREFIX_MAX_LENGTH;
}

const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

const settingsSchema = z.object({
  SPILLWAY_LEDGER: ledgerUrl.default("sqlite:spillway.db"),
  SPILLWAY_TASK_QUEUE: z.string().min(1).default("spillway"),
  /** Prometheus metrics are served here when it is set. */
  SPILLWAY_METRICS_ADDRESS: address.optional(),
  /** Called with a JSON body when a run parks. */
  SPILLWAY_ALERT_WEBHOOK: webUrl.optional(),
  /** Where secrets go that a destination shows only once. */
  SPILLWAY_SECRETS: secretsPlace.prefault("file:spillway-secrets.json"),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  WORKOS_API_KEY: z.string().min(1).optional(),
  WORKOS_CLIENT_ID: z.string().min(1).optional(),
  WORKOS_API_URL: webUrl.default("https://api.workos.com"),
  ...mailShape,
  ...bridgeShape(address),
});

/** Names that Spillway itself reads. */
export const SETTING_NAMES: readonly string[] = Object.keys(settingsSchema.shape);

/** Names that the AWS SDK and Temporal's own configuration read. */
export const PASSED_THROUGH: readonly string[] = [
  "AWS_REGION",
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "TEMPORAL_ADDRESS",
  "TEMPORAL_NAMESPACE",
  "TEMPORAL_API_KEY",
  "TEMPORAL_PROFILE",
  "TEMPORAL_CONFIG_FILE",
];

export interface WorkosSettings {
  apiKey: string;
  clientId: string;
  apiUrl: string;
}

/** The region of `aws-secrets-manager` is the SDK's own: AWS_REGION or the profile. */
export type SecretsSetting = { kind: "file"; path: string } | { kind: "aws-secrets-manager"; prefix: string };

export interface Settings {
  ledgerUrl: string;
  taskQueue: string;
  metricsAddress: string | null;
  alertWebhook: string | null;
  secrets: SecretsSetting;
  /** Null where no own mails are set up. */
  mail: MailSetting | null;
  logLevel: (typeof LOG_LEVELS)[number];
  workos: Parsed<WorkosSettings>;
  bridge: Parsed<BridgeSettings>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; an empty variable counts as not set. The sentence names the setting. */
export function readSettings(environment: Environment = process.env): Parsed<Settings> {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  const parsed = settingsSchema.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, sentence: `The setting ${issue?.path.join(".") ?? ""} ${wrong(issue)}.` };
  }
  const settings = parsed.data;
  const mail = mailSetting(settings);
  if (!mail.ok) return mail;
  return {
    ok: true,
    value: {
      ledgerUrl: settings.SPILLWAY_LEDGER,
      taskQueue: settings.SPILLWAY_TASK_QUEUE,
      metricsAddress: settings.SPILLWAY_METRICS_ADDRESS ?? null,
      alertWebhook: settings.SPILLWAY_ALERT_WEBHOOK ?? null,
      secrets: settings.SPILLWAY_SECRETS,
      mail: mail.value,
      logLevel: settings.LOG_LEVEL,
      workos: workosSettings(settings),
      bridge: bridgeSettings(settings),
    },
  };
}

function wrong(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  return issue?.message ?? "cannot be read";
}

function workosSettings(settings: z.output<typeof settingsSchema>): Parsed<WorkosSettings> {
  const { WORKOS_API_KEY, WORKOS_CLIENT_ID, WORKOS_API_URL } = settings;
  if (WORKOS_API_KEY === undefined)
    return {
      ok: false,
      sentence: "The setting WORKOS_API_KEY is missing; copy the API key from the WorkOS dashboard.",
    };
  if (WORKOS_CLIENT_ID === undefined)
    return {
      ok: false,
      sentence: "The setting WORKOS_CLIENT_ID is missing; copy the client id from the WorkOS dashboard.",
    };
  return { ok: true, value: { apiKey: WORKOS_API_KEY, clientId: WORKOS_CLIENT_ID, apiUrl: WORKOS_API_URL } };
}
