import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { breakCalls } from "./lib/broken-calls.ts";
import { startCognito, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { arrivalsOf, countServerErrors, countThrottled, readJournal } from "./lib/journal.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { migrate } from "./lib/run.ts";
import { PACE } from "./lib/workos-limits.ts";

const MAIL = "createPasswordReset";
/** A destination far away. */
const LATENCY_MS = 250;
/** WorkOS's events show about so much later. */
const EVENTS_LAG_MS = 2_000;

export interface ResetsOptions {
  users: number;
  /** Two calls a mail have to leave something of WorkOS's 100 calls a second for reading its record. */
  perSecond: number;
  /** So many of a hundred mails go out and get no answer that tells so. */
  brokenPercent: number;
  nodeOptions: readonly string[];
}

/** How close a campaign of reset mails keeps to its own pace, at WorkOS's limits, while answers are lost. */
export async function benchResets({
  users,
  perSecond: pace,
  brokenPercent,
  nodeOptions,
}: ResetsOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const cognito = await startCognito(users, {});
  stack.use(cognito.process);
  const workos = await startWorkos({ latencyMs: LATENCY_MS, eventsLagMs: EVENTS_LAG_MS }, { journal: true });
  stack.use(workos.process);
  await breakCalls(workos, brokenPercent, users, MAIL);
  const ledger = stack.use(await freshSqlite());

  const run = await migrate({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: PACE,
    passwordResets: { send: true, perSecond: pace, canary: 0, acceptMfaLoss: true },
    nodeOptions,
  });
  const journal = await readJournal(workos);

  const mails = arrivalsOf(journal, [MAIL]);
  const campaign = journal.filter(({ atMs }) => atMs >= (mails[0] ?? 0));
  const mailsMs = (mails.at(-1) ?? Number.NaN) - (mails[0] ?? Number.NaN);
  const perSecond = (users / mailsMs) * 1_000;
  const { done, skipped } = run.summary.resets ?? { done: Number.NaN, skipped: Number.NaN };
  return [
    { name: "mails per second", value: perSecond },
    { name: "mails, ratio to the pace", value: perSecond / pace, target: { atLeast: 0.9 } },
    { name: "calls of a mail", value: mails.length / users },
    { name: "mailed twice", value: mails.length - users, target: { atMost: 0 } },
    { name: "not mailed", value: users - done, target: { atMost: 0 } },
    { name: "unsettled", value: skipped, target: { atMost: 0 } },
    { name: "pages of the record read", value: arrivalsOf(campaign, ["listEvents"]).length },
    { name: "answers 5xx", value: countServerErrors(campaign) },
    { name: "answers 429", value: countThrottled(campaign), target: { atMost: 0 } },
  ];
}
