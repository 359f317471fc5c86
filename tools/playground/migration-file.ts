import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Pool, PoolUser } from "../../test/doubles/pool/pool.ts";
import { migrationFile } from "../demo/migration-file.ts";

/** Who can be mailed at once is mailed first, and the others wait for an approval. */
const CANARIES = 3;

/** With reset mails of which a few wait to be looked at; the app client is the bridge's, and goes nowhere. */
export function playgroundFile(pool: Pool): MigrationFile {
  const canary = withOwnAddress(pool.users)
    .filter(isPlain)
    .slice(0, CANARIES)
    .map(({ sub }) => sub);
  const resets = {
    ...({ send: true, unverified: "skip", acceptMfaLoss: true, perSecond: 5 } as const),
    // A pool without such people names nobody.
    ...(canary.length > 0 && { canary }),
  };
  const whole = migrationFile(pool);
  const { source, destination, pace } = whole;
  // A pool of somebody's own has no tenants, roles and providers to place.
  const isMadeUp = pool.identityProviders.length > 0;
  return { ...(isMadeUp ? whole : { source, destination, pace }), passwordResets: resets };
}

const PLAIN_ADDRESS = /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/;

export function isPlain({ status, enabled, attributes, password }: PoolUser): boolean {
  const isVerified = attributes.email_verified === "true" && PLAIN_ADDRESS.test(attributes.email ?? "");
  return status === "CONFIRMED" && enabled && isVerified && password !== undefined;
}

/** The run parks where one of those whom the file names gets no mail: nobody else may have their address. */
function withOwnAddress(users: readonly PoolUser[]): PoolUser[] {
  const byAddress = Map.groupBy(users, ({ attributes }) => attributes.email?.toLowerCase());
  return users.filter(({ attributes }) => byAddress.get(attributes.email?.toLowerCase())?.length === 1);
}
