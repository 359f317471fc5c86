import type { Db, Tx } from "./ledger.ts";

/** What an app client became at the destination. */
export interface KnownApplication {
  /** Cognito's. */
  clientId: string;
  destinationClientId: string;
  /** The destination's id of the secret that is in the store; null for a public client. */
  secretId: string | null;
}

export async function keepApplication(
  tx: Tx,
  migrationId: number,
  { clientId, destinationClientId, secretId }: KnownApplication,
): Promise<void> {
  const columns = { destination_client_id: destinationClientId, secret_id: secretId };
  await tx
    .insertInto("applications")
    .values({ migration_id: migrationId, client_id: clientId, ...columns })
    .onConflict((conflict) => conflict.columns(["migration_id", "client_id"]).doUpdateSet(columns))
    .execute();
}

export async function readApplications(db: Db, migrationId: number): Promise<KnownApplication[]> {
  return db
    .selectFrom("applications")
    .select([
      "client_id as clientId",
      "destination_client_id as destinationClientId",
      "secret_id as secretId",
    ])
    .where("migration_id", "=", migrationId)
    .orderBy("client_id")
    .execute();
}
