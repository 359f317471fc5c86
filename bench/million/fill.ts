import { sql } from "kysely";
import type { PoolGroup, PoolShape } from "../../src/domain/pool.ts";
import { replaceConfiguration } from "../../src/ledger/configuration.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { noteListed, type Owner, ownMigration, readMigration } from "../../src/ledger/runs.ts";
import { addGroupMembers, packSourceUsers, upsertSourceUsers } from "../../src/ledger/source-users.ts";
import { migrationOf } from "../../test/domain/parse-file.ts";
import { ENVIRONMENT, FILE, groupNames, groupOf, POOL, PROVIDERS, personOf, subOf } from "./people.ts";

/** An empty ledger as `assess` and `snapshot` leave it. */

const SLICE_PEOPLE = 2_000;
/** Nobody waits for it. */
const PER_SECOND = 50_000;

export const OWNER: Owner = {
  namespace: "default",
  workflowId: `migrate-${POOL.userPoolId}`,
  firstRunId: "run-1",
};
export const RUN = { migrationId: 1, generation: 1 };

export async function fillSource(ledger: Ledger, users: number): Promise<void> {
  await begin(ledger);
  for (let from = 0; from < users; from += SLICE_PEOPLE) {
    const indexes = Array.from({ length: Math.min(SLICE_PEOPLE, users - from) }, (_, index) => from + index);
    const page = packSourceUsers(ledger.kind, RUN.migrationId, RUN.generation, indexes.map(personOf));
    await ledger.writeSoon((tx) => upsertSourceUsers(tx, RUN.migrationId, RUN.generation, [page]));
    for (const [group, members] of Map.groupBy(indexes, groupOf))
      await ledger.writeSoon((tx) => addGroupMembers(tx, RUN, group, members.map(subOf)));
  }
  await ledger.write((tx) => noteListed(tx, RUN));
}

async function begin(ledger: Ledger): Promise<void> {
  const identity = { poolId: POOL.userPoolId, destinationKind: "workos", environment: ENVIRONMENT };
  await ledger.write(async (tx) => {
    await ownMigration(tx, identity, migrationOf(FILE), OWNER, undefined);
    for (const kind of ["reads", "writes", "calls"])
      await setPace(tx, `workos/${ENVIRONMENT}/${kind}`, PER_SECOND);
    const groups: PoolGroup[] = groupNames().map((name, precedence) => ({
      name,
      description: "",
      precedence,
    }));
    const configuration = {
      pool: [{ name: POOL.userPoolId, data: SHAPE }],
      group: groups.map((data) => ({ name: data.name, data })),
      provider: PROVIDERS.map((name) => ({
        name,
        data: { ...PROVIDER, name, clientId: `client-of-${name}` },
      })),
    };
    for (const [kind, entries] of Object.entries(configuration))
      await replaceConfiguration(
        tx,
        RUN.migrationId,
        RUN.generation,
        kind as keyof typeof configuration,
        entries,
      );
  });
}

const PROVIDER = {
  type: "Google",
  issuer: null,
  scopes: "openid email",
  saml: null,
  attributeMapping: {},
  identifiers: [],
};

const SHAPE: PoolShape = {
  poolId: POOL.userPoolId,
  accountId: "123456789012",
  name: "Customers",
  issuer: `https://cognito-idp.${POOL.region}.amazonaws.com/${POOL.userPoolId}`,
  estimatedUsers: 1,
  usernameAttributes: ["email"],
  aliasAttributes: [],
  caseSensitiveUsernames: false,
  mfa: "OFF",
  attributeNames: [
    "email",
    "given_name",
    "family_name",
    "locale",
    "custom:plan",
    "custom:seat",
    "custom:tenant",
  ],
  triggers: [],
  domain: null,
  customDomain: null,
};

/** The same pool walked again by the next run, which owns the migration then. */
export async function listAnew(ledger: Ledger): Promise<void> {
  const expected = await ledger.read((db) => readMigration(db, RUN.migrationId));
  const identity = { poolId: POOL.userPoolId, destinationKind: "workos", environment: ENVIRONMENT };
  const owner = { ...OWNER, firstRunId: `run-${expected.generation + 1}` };
  const run = await ledger.write((tx) => ownMigration(tx, identity, migrationOf(FILE), owner, expected));
  if (run === undefined) throw new Error("Somebody else took the migration.");
  for (const table of ["source_users", "group_members"] as const)
    for (let after = ""; ; ) {
      const from = after;
      const { rows } = await ledger.read((db) =>
        sql<{
          sub: string;
        }>`select sub from ${sql.table(table)} where migration_id = ${RUN.migrationId} and sub > ${from}
          order by sub limit ${SLICE_PEOPLE}`.execute(db),
      );
      const last = rows.at(-1)?.sub;
      if (last === undefined) break;
      await ledger.writeSoon((tx) =>
        sql`update ${sql.table(table)} set generation = ${run.generation} where migration_id = ${RUN.migrationId}
          and sub > ${from} and sub <= ${last}`.execute(tx),
      );
      after = last;
    }
  await ledger.write((tx) => noteListed(tx, { migrationId: RUN.migrationId, generation: run.generation }));
}
