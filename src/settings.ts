import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { type BridgeSettings, bridgeSettings, bridgeShape } from "./bridge/settings.ts";
import { type MailSetting, mailSetting, mailShape } from "./delivery/settings.ts";
import { type ConfiguredVendor, type RegisteredVendor, VENDORS } from "./destinations/registry.ts";
import type { Parsed } from "./domain/migration.ts";
import { notBlank } from "./domain/not-blank.ts";
import { plainIssue } from "./domain/plain-issue.ts";
import { temporalAddress } from "./domain/temporal-address.ts";
import { vendorUrl, webUrl } from "./domain/web-url.ts";
import { type SecretsSetting, secretsPlace } from "./secrets/settings.ts";

/** The environment, read once and typed. The only reader of process.env. */

const ledgerUrl = z
  .string()
  .regex(
    /^(sqlite:.+|postgres(ql)?:\/\/.+)$/,
    "must be sqlite:<path> or postgres://user:password@host/database",
  );
const MAX_PORT = 65_535;
function addressSuchAs(example: string) {
  return z.string().refine((value) => Number(/^[^:\s]+:(\d{1,5})$/.exec(value)?.[1]) <= MAX_PORT, {
    message: `must be host:port, for example ${example}`,
  });
}
const DEFAULT_TASK_QUEUE = "spillway";
const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

const settingsSchema = z.object({
  SPILLWAY_LEDGER: ledgerUrl.default("sqlite:spillway.db"),
  SPILLWAY_TASK_QUEUE: notBlank.optional(),
  /** Prometheus metrics are served here when it is set. */
  SPILLWAY_METRICS_ADDRESS: addressSuchAs("0.0.0.0:9464").optional(),
  /** Called with a JSON body when a run parks. */
  SPILLWAY_ALERT_WEBHOOK: webUrl.optional(),
  /** Where secrets go that a destination shows only once. */
  SPILLWAY_SECRETS: secretsPlace.prefault("file:spillway-secrets.json"),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  ...mailShape,
  ...bridgeShape(addressSuchAs),
});

/** Others read these by themselves: of a wrong address Temporal says only that nobody answers, and the AWS SDK nothing. */
const passedThrough = z.object({
  TEMPORAL_ADDRESS: temporalAddress.optional(),
  AWS_ENDPOINT_URL: vendorUrl.optional(),
  AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: vendorUrl.optional(),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: vendorUrl.optional(),
});

/** Of all destinations, each with names of its own. */
function destinationsShape(vendors: readonly RegisteredVendor[]) {
  return Object.fromEntries(vendors.flatMap(({ settings }) => Object.entries(settings.shape)));
}

/** Names that Spillway itself reads. */
export const SETTING_NAMES: readonly string[] = [
  ...Object.keys(settingsSchema.shape),
  ...Object.keys(destinationsShape(VENDORS)),
];

/** Names that the AWS SDK and Temporal's own configuration read. */
export const PASSED_THROUGH: readonly string[] = [
  "AWS_REGION",
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "TEMPORAL_ADDRESS",
  "TEMPORAL_NAMESPACE",
  "TEMPORAL_API_KEY",
  "TEMPORAL_PROFILE",
  "TEMPORAL_CONFIG_FILE",
];

export interface Settings {
  ledgerUrl: string;
  /** Of workers, and of the command that starts a run by hand. */
  taskQueue: string;
  /** Null where none was named: `./spillway migrate` then uses one of its ledger's own. */
  namedTaskQueue: string | null;
  metricsAddress: string | null;
  alertWebhook: string | null;
  secrets: SecretsSetting;
  /** Null where no own mails are set up. */
  mail: MailSetting | null;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Those that a migration file can name. */
  vendors: readonly RegisteredVendor[];
  /** Each of them with its settings, by its kind, or a sentence that says which one it lacks. */
  destinations: ReadonlyMap<string, Parsed<ConfiguredVendor>>;
  bridge: Parsed<BridgeSettings>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; an empty variable counts as not set. The sentence names the setting. */
export function readSettings(
  environment: Environment = process.env,
  vendors: readonly RegisteredVendor[] = VENDORS,
): Parsed<Settings> {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== "");
  for (const [name] of set) {
    const meant = meantBy(name, environment);
    if (meant !== null) return mistyped(name, meant);
  }
  const parsed = settingsSchema.safeParse(Object.fromEntries(set), { error: plainIssue });
  if (!parsed.success) return wrongSetting(parsed.error);
  const settings = parsed.data;
  const ofOthers = passedThrough.safeParse(Object.fromEntries(set), { error: plainIssue });
  if (!ofOthers.success) return wrongSetting(ofOthers.error);
  const ofDestinations = z
    .object(destinationsShape(vendors))
    .safeParse(Object.fromEntries(set), { error: plainIssue });
  if (!ofDestinations.success) return wrongSetting(ofDestinations.error);
  const mail = mailSetting(settings);
  if (!mail.ok) return mail;
  return {
    ok: true,
    value: {
      ledgerUrl: settings.SPILLWAY_LEDGER,
      taskQueue: settings.SPILLWAY_TASK_QUEUE ?? DEFAULT_TASK_QUEUE,
      namedTaskQueue: settings.SPILLWAY_TASK_QUEUE ?? null,
      metricsAddress: settings.SPILLWAY_METRICS_ADDRESS ?? null,
      alertWebhook: settings.SPILLWAY_ALERT_WEBHOOK ?? null,
      secrets: settings.SPILLWAY_SECRETS,
      mail: mail.value,
      logLevel: settings.LOG_LEVEL,
      vendors,
      destinations: new Map(vendors.map((vendor) => [vendor.kind, vendor.configure(ofDestinations.data)])),
      bridge: bridgeSettings(settings),
    },
  };
}

const PREFIX = "SPILLWAY_";
/** What Kubernetes tells of a service that is named like us ("Discovering services"). */
const OF_SERVICE = /^(.+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/;

/** A name that differs by more letters is meant for somebody else: other programs have settings that begin alike. */
const MAX_MISTYPED = 3;

/** Of which of ours it is a mistyped name, whose default would count in silence; null of none. */
function meantBy(name: string, environment: Environment): string | null {
  if (!name.startsWith(PREFIX) || SETTING_NAMES.includes(name)) return null;
  const service = OF_SERVICE.exec(name)?.[1];
  if (service !== undefined && environment[`${service}_SERVICE_HOST`] !== undefined) return null;
  const nearest = closest(
    name,
    SETTING_NAMES.filter((known) => known.startsWith(PREFIX)),
  );
  const mistypes = distance(name, nearest);
  const isAlike = mistypes <= MAX_MISTYPED && 2 * mistypes < nearest.length - PREFIX.length;
  return isAlike ? nearest : null;
}

function mistyped(name: string, meant: string): Parsed<never> {
  return {
    ok: false,
    sentence: `There is no setting ${name}; the nearest one is ${meant}: rename it, or unset it.`,
  };
}

function wrongSetting(error: z.ZodError): Parsed<never> {
  const issue = error.issues[0];
  return { ok: false, sentence: `The setting ${String(issue?.path[0] ?? "")} ${wrong(issue)}.` };
}

function wrong(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "invalid_value")
    return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
  return issue?.message ?? "cannot be read";
}

/** The destination of that kind with its settings, or a sentence that says which one is missing. */
export function destinationSettings({ destinations }: Settings, kind: string): Parsed<ConfiguredVendor> {
  const unknown = { ok: false, sentence: `This version knows no destination ${kind}.` } as const;
  return destinations.get(kind) ?? unknown;
}

/** The one destination whose settings are there; null for none, or several. */
export function onlyDestination({ destinations }: Settings): ConfiguredVendor | null {
  const [one, ...others] = [...destinations.values()].flatMap((read) => (read.ok ? [read.value] : []));
  return one === undefined || others.length > 0 ? null : one;
}

/** What a worker begins with: one that can serve no destination would take work only to park it. */
export function workerSettings(read = readSettings()): Parsed<Settings> {
  if (!read.ok) return read;
  const destinations = [...read.value.destinations.values()];
  const lacking = destinations.find((one) => !one.ok);
  return lacking === undefined || destinations.some(({ ok }) => ok) ? read : lacking;
}
