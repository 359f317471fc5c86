import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";
import { migrationFile } from "../demo/migration-file.ts";

/** Who can be mailed at once is mailed first, and the others wait for an approval. */
const CANARIES = 3;

/** With reset mails of which a few wait to be looked at; the app client is the bridge's, and goes nowhere. */
export function playgroundFile(pool: Pool): MigrationFile {
  const canary = pool.users
    .filter(isPlain)
    .slice(0, CANARIES)
    .map(({ sub }) => sub);
  const resets = { send: true, canary, unverified: "skip", acceptMfaLoss: true, perSecond: 5 } as const;
  const whole = migrationFile(pool);
  const { source, destination, pace } = whole;
  // A pool of somebody's own has no tenants, roles and providers to place.
  const isMadeUp = pool.identityProviders.length > 0;
  return { ...(isMadeUp ? whole : { source, destination, pace }), passwordResets: resets };
}

export function isPlain({ status, enabled, attributes, password }: Pool["users"][number]): boolean {
  return status === "CONFIRMED" && enabled && attributes.email_verified === "true" && password !== undefined;
}
