import { createUserSource } from "../cognito/user-pool.ts";
import { createMailSink } from "../delivery/mail-sink.ts";
import type { Destination } from "../destinations/destination.ts";
import { type Draft, finding } from "../domain/findings.ts";
import type { Migration } from "../domain/migration.ts";
import { CONFIGURATION_CALLS_PER_SECOND } from "../engine/pace-keys.ts";
import { readSetUp } from "../engine/read-set-up.ts";
import { type Db, openLedger } from "../ledger/ledger.ts";
import { mailedAmong } from "../ledger/mails.ts";
import { probeLedger } from "../ledger/probe.ts";
import { findMigration } from "../ledger/runs.ts";
import { rolesMade } from "../ledger/standing-structure.ts";
import { assessment, type SetUp } from "../plan/findings/assessment.ts";
import { createSecretStore } from "../secrets/create-store.ts";
import type { Settings } from "../settings.ts";
import { askDestination, askSource } from "./ask.ts";
import { configuredOf } from "./preflight.ts";
import { withLedger } from "./setup.ts";
import { turns } from "./turns.ts";

/** What a run of this file will find in its first phase, but for the counts of people. Throws UsageError. */
export async function setUpFindings(
  file: Migration,
  settings: Settings,
  destination: Destination,
): Promise<{ setUp: SetUp; findings: Draft[] }> {
  const source = createUserSource(file.source);
  const mails = settings.mail === null ? null : await createMailSink(settings.mail);
  const ofLedger = (ask: Question) => askLedger(file, settings.ledgerUrl, destination, ask);
  // There is no ledger yet whose pace could be kept to.
  const turn = turns(CONFIGURATION_CALLS_PER_SECOND);
  try {
    const setUp = await readSetUp(file, {
      source,
      askPages: (_operation, call) => askSource(file.source, call),
      askConfiguration: (_operation, call) =>
        askSource(file.source, async () => {
          await turn();
          return call();
        }),
      destination,
      askDestination: (call) => askDestination(destination, call),
      secrets: await createSecretStore(settings.secrets),
      mails,
      checkLedger: () => probeLedger(settings.ledgerUrl),
      madeRoles: (slugs) => ofLedger((db, id) => rolesMade(db, id, slugs)),
      mailed: (subs) => ofLedger((db, id) => mailedAmong(db, id, subs)),
    });
    return { setUp, findings: [...ofKey(file, settings), ...assessment(file, setUp, destination)] };
  } finally {
    source.close();
    mails?.close();
  }
}

type Question = (db: Db, migrationId: number) => Promise<ReadonlySet<string>>;

/** Of a ledger that changes when it is opened nobody asks; null then. */
async function askLedger(
  { source: { userPoolId: poolId } }: Migration,
  ledgerUrl: string,
  { kind: destinationKind, environment }: Destination,
  ask: Question,
): Promise<ReadonlySet<string> | null> {
  const probed = await probeLedger(ledgerUrl);
  if (!probed.ok || probed.holds === "unknown") return null;
  if (probed.holds === "nothing") return new Set();
  return withLedger(await openLedger(ledgerUrl), (ledger) =>
    ledger.read(async (db) => {
      const migration = await findMigration(db, { poolId, destinationKind, environment });
      return migration === undefined ? new Set<string>() : ask(db, migration.id);
    }),
  );
}

function ofKey(file: Migration, settings: Settings): Draft[] {
  return configuredOf(file, settings).isLive && !file.dryRun ? [finding("live_key", null)] : [];
}
