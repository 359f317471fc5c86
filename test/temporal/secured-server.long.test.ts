import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { temporalPath } from "../../tools/temporal-path.mjs";
import { runCli } from "../commands/cli.ts";
import { startRig } from "../commands/rig.ts";
import { startWorker } from "../faults/worker-process.ts";
import { type Secured, startKeyed, startMutualTls } from "../setup/secured-temporal.ts";

const KEY = "temporal-api-key-of-the-test";
const SERVERS: [string, () => Promise<Secured>][] = [
  ["that wants a client certificate", () => startMutualTls(inject("temporalAddress"))],
  ["that wants an API key", () => startKeyed(inject("temporalAddress"), { key: KEY })],
];

test.each(SERVERS)(
  "check, a worker, a whole run and the Temporal CLI go through a server %s",
  async (_, start) => {
    const secured = await start();
    const { file, folder, pool, settings } = await startRig(3);
    Object.assign(settings, secured.settings);
    const cli = (...words: string[]) => runCli(words, folder, settings);

    const checked = await cli("check", file);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).not.toContain("search attributes");

    const worker = startWorker(settings);
    await worker.ready();
    expect(await worker.end("SIGTERM")).toBe(0);

    const migrated = await cli("migrate", file);
    expect(migrated).toMatchObject({ code: 0, stderr: "" });
    expect(migrated.stdout).toContain("Done: of 3 users");
    expect(JSON.parse((await cli("watch", pool.poolId, "--json")).stdout)).toMatchObject({
      standing: { kind: "done" },
    });

    const query = `WorkflowId = "migrate-${pool.poolId}" and MigrationState = "Done"`;
    const env = { PATH: process.env.PATH, HOME: folder, ...settings };
    const listed = async () =>
      (await promisify(execFile)(temporalPath(), ["workflow", "list", "--query", query], { env })).stdout;
    await expect.poll(listed).toContain(pool.poolId);
    for (const { stdout } of [checked, migrated]) expect(stdout).not.toContain(KEY);
    expect(worker.output()).not.toContain(KEY);
  },
);
