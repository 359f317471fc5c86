import pg from "pg";

/** A database of its own for a ledger, which a back-up takes the place of. */
export async function ledgerDatabase(serverUrl: string) {
  const ask = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  await ask("create database ledger");
  const url = new URL(serverUrl);
  url.pathname = "/ledger";
  return {
    url: url.href,
    /** Nobody may be connected meanwhile. */
    backUp: () => ask("create database back_up template ledger"),
    /** Whoever is connected is cut off. */
    restore: () =>
      ask(
        "alter database ledger allow_connections false",
        "drop database ledger with (force)",
        "create database ledger template back_up",
      ),
  };
}
