import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  type EmbeddedServer,
  serverEnvironment,
  startEmbeddedServer,
} from "../../src/temporal/embedded-server.ts";
import { until } from "../faults/until.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

async function started(base: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer(base);
  onTestFinished(() => server.stop());
  return server;
}

test("of several that begin at once one brings the server, and the others use it", async () => {
  const base = join(freshFolder(), "ledger");
  const first = [started(base), started(base)];
  // One of them is at work on the database, and does not answer yet.
  await until("the database is there", () => existsSync(`${base}.temporal.db`));
  const servers = await Promise.all([...first, started(base)]);
  const [ours, ...others] = servers.filter(({ isOurs }) => isOurs);
  expect(others).toEqual([]);
  expect(new Set(servers.map(({ address }) => address))).toEqual(new Set([ours?.address]));
  await ours?.stop();
  expect((await started(base)).isOurs).toBe(true);
});

test("the server's database is its owner's alone, also one that was open to others", async () => {
  const base = join(freshFolder(), "ledger");
  const database = `${base}.temporal.db`;
  const modeOf = () => statSync(database).mode & 0o777;
  await (await started(base)).stop();
  expect(modeOf()).toBe(0o600);
  chmodSync(database, 0o644);
  await started(base);
  expect(modeOf()).toBe(0o600);
});

test("the embedded server sees no key, no database address and no setting of Temporal's tools", () => {
  const plain = { PATH: "/usr/bin", HOME: "/home/operator", TZ: "UTC" };
  const others = {
    WORKOS_API_KEY: "sk_test",
    AWS_SECRET_ACCESS_KEY: "secret",
    SPILLWAY_LEDGER: "postgres://user:password@db/spillway",
    TEMPORAL_ADDRESS: "elsewhere:7233",
    NODE_OPTIONS: "--inspect",
  };
  expect(serverEnvironment({ ...plain, ...others })).toEqual(plain);
});
