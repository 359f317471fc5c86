import pg from "pg";

/** Kills one of the processes that serve Spillway's connections. The server then ends all of them and recovers. */
export async function killBackend(url: string, pick: (among: number) => number): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'spillway' order by pid",
    );
    const victim = rows[pick(rows.length)];
    if (victim === undefined) return false;
    process.kill(victim.pid, "SIGKILL");
    return true;
  } catch {
    // It is still recovering from the kill before.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
