import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { temporalPath } from "../../tools/temporal-path.mjs";
import { runCli } from "../commands/cli.ts";
import { startRig } from "../commands/rig.ts";
import { startWorker } from "../faults/worker-process.ts";
import { startKeyed, startMutualTls } from "../setup/secured-temporal.ts";
import { profileIn, variablesWith } from "./printed-settings.ts";

const KEY = "temporal-api-key-of-the-test";
const run = promisify(execFile);

const mutual = () => startMutualTls(inject("temporalAddress"));
const keyed = () => startKeyed(inject("temporalAddress"), { key: KEY });

test.each<[string, (folder: string) => Promise<Record<string, string>>]>([
  ["an API key", async () => variablesWith("TEMPORAL_API_KEY", await keyed())],
  ["a client certificate", async () => variablesWith("TEMPORAL_TLS_CLIENT_CERT_PATH", await mutual())],
  ["a profile", async (folder) => profileIn(folder, await keyed())],
])(
  "check, a worker, a whole run and the Temporal CLI get in with %s, as the page prints it",
  async (_, of) => {
    const { file, folder, pool, settings } = await startRig(3);
    delete settings.TEMPORAL_ADDRESS;
    Object.assign(settings, await of(folder));
    const cli = (...words: string[]) => runCli(words, folder, settings);

    const checked = await cli("check", file);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    // The operator service is closed: they are known from the namespace.
    expect(checked.stdout).not.toContain("search attributes");

    const worker = startWorker(settings);
    await worker.ready();
    expect(await worker.end("SIGTERM")).toBe(0);

    const migrated = await cli("migrate", file);
    expect(migrated).toMatchObject({ code: 0, stderr: "" });
    expect(migrated.stdout).toContain("Done: of 3 users");
    const watched = await cli("watch", pool.poolId, "--json");
    expect(JSON.parse(watched.stdout)).toMatchObject({ standing: { kind: "done" } });

    const query = `WorkflowId = "migrate-${pool.poolId}" and MigrationState = "Done"`;
    const env = { PATH: process.env.PATH, HOME: folder, ...settings };
    const list = () => run(temporalPath(), ["workflow", "list", "--query", query], { env });
    await expect.poll(async () => (await list()).stdout).toContain(pool.poolId);
    for (const { stdout } of [checked, migrated, watched]) expect(stdout).not.toContain(KEY);
    expect(worker.output()).not.toContain(KEY);
  },
);
