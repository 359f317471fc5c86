import { asyncLocalStorage, Context } from "@temporalio/activity";
import { noopMetricMeter } from "@temporalio/common";
import { onTestFinished } from "vitest";
import { sendResets } from "../../src/activities/resets/send-resets.ts";
import type { UserSource } from "../../src/cognito/source.ts";
import type { MailSink } from "../../src/delivery/mail-sink.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { Secret } from "../../src/domain/secret.ts";
import { Pulse } from "../../src/engine/heartbeat.ts";
import { destinationPaceKey, pagesPaceKey } from "../../src/engine/pace-keys.ts";
import { Pacer } from "../../src/engine/pacer.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { readMigration } from "../../src/ledger/runs.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { sourceUser, subOf, upsertPages } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const FILE = migrationOf({
  source: SOURCE,
  destination: { kind: "workos" },
  passwordResets: { send: true, delivery: "own", acceptMfaLoss: true },
});
const ENVIRONMENT = { kind: "many", environment: "env" };
const IDENTITY = { poolId: SOURCE.userPoolId, destinationKind: "many", environment: "env" };
const HOUR_MS = 60 * 60_000;

function personOf(ordinal: number) {
  const attributes = { email: `p${ordinal}@example.com`, email_verified: "true" };
  return sourceUser(subOf(ordinal), { attributes });
}

const people = (count: number) => Array.from({ length: count }, (_, index) => personOf(index + 1));

/** Makes a link for everybody whom the ledger has, and keeps a record that names nobody yet. */
function destination(): Destination {
  const { users, resets, facts, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const accountOf = (email: string) => `user of ${email}`;
  return {
    ...rest,
    ...ENVIRONMENT,
    facts: { ...facts, resets: { ...facts.resets, record: { lagMs: 60_000, keptMs: 24 * HOUR_MS } } },
    users: {
      ...users,
      async find(sub) {
        const email = `p${Number(sub.slice(-4))}@example.com`;
        const names = {
          firstName: null,
          lastName: null,
          metadata: {},
          createdAtMs: 0,
          changedAtMs: 0,
          emailVerified: true,
        };
        return { ok: true, value: { ...names, id: accountOf(email), externalId: sub, email } };
      },
    },
    resets: {
      ...resets,
      sentSince: async () => ({ ok: true, value: { mails: [], nextCursor: null } }),
      async send(email) {
        const link = { url: new Secret("https://x.example/1"), expiresAt: new Date(Date.now() + HOUR_MS) };
        return { kind: "sent", resetId: `reset of ${email}`, userId: accountOf(email), link };
      },
    },
  };
}

/** A campaign of own mails, of which every second gets no clear answer while `isOut`. */
export async function campaign(ledger: Ledger, count: number) {
  const run = await ownedRun(ledger, IDENTITY, FILE, "run-1");
  await upsertPages(ledger, run.generation, [people(count)], run.migrationId);
  const mail = (sub: string) => ({ kind: "user", key: sub, intent: "mail", doubtSinceMs: null }) as const;
  await ledger.write(async (tx) => {
    for (const kind of ["resets", "writes", "reads", "calls"] as const)
      await setPace(tx, destinationPaceKey(ENVIRONMENT, kind), 10_000);
    await setPace(tx, pagesPaceKey(SOURCE, null), 10_000);
    await noteStanding(
      tx,
      run.migrationId,
      people(count).map(({ sub, attributes }) => ({
        ...({ kind: "user", key: sub, how: "created", fingerprint: "f", details: null } as const),
        destinationId: `user of ${attributes.email}`,
        firstClaimedAtMs: 1,
      })),
    );
    await addItems(
      tx,
      run,
      "resets",
      0,
      people(count).map(({ sub }) => mail(sub)),
    );
  });
  const answered = { clear: 0, unclear: 0 };
  const receiver = { isOut: true, digest: "" };
  const mails: MailSink = {
    place: "the mail server",
    check: async () => ({ ok: true, value: null }),
    checkTexts: async () => ({ ok: true, value: null }),
    digest: async () => receiver.digest,
    async deliver() {
      if (receiver.isOut && answered.clear > answered.unclear) {
        answered.unclear += 1;
        return { kind: "unknown", code: "http_500", message: "" };
      }
      answered.clear += 1;
      return { kind: "delivered" };
    },
    close: () => {},
  };
  const source: Partial<UserSource> = {
    findUser: async (sub) => ({ ok: true, value: people(count).find((one) => one.sub === sub) ?? null }),
  };
  const deps = {
    ledger,
    pacer: new Pacer(ledger),
    sourceOf: () => source as UserSource,
    destinationOf: destination,
    mails,
  };
  let fence = 0;
  const send = (from: number, to: number) => {
    const input = {
      run,
      accepted: [],
      from,
      to,
      dueByMs: Date.now(),
      ahead: to - from + 1,
      isCanary: false,
      mark: null,
    };
    fence += 1;
    // No more of a worker is asked for.
    return sendResets(deps as unknown as Parameters<typeof sendResets>[0], input, pulse(fence));
  };
  const { file } = await ledger.read((db) => readMigration(db, run.migrationId));
  return { run, file, mails, send, answered, receiver };
}

/** Metrics of an attempt are its context's. */
export function inActivity<T>(work: () => Promise<T>): Promise<T> {
  const context: Context = Object.create(Context.prototype, { metricMeter: { value: noopMetricMeter } });
  return asyncLocalStorage.run(context, work);
}

function pulse(fence: number): Pulse {
  const info = { currentAttemptScheduledTimestampMs: fence };
  const signal = new AbortController().signal;
  const made = new Pulse({ info, cancellationSignal: signal, heartbeat: () => {} });
  onTestFinished(() => made.stop());
  return made;
}
