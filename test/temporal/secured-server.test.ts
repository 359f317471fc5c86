import { Connection } from "@temporalio/client";
import { msToTs } from "@temporalio/common/lib/time.js";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { required } from "../../src/exit.ts";
import { connectTemporal } from "../../src/temporal/connection.ts";
import { createOrchestration } from "../../src/temporal/orchestration.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { readTemporalTarget } from "../../src/temporal/target.ts";
import { runCli } from "../commands/cli.ts";
import { startRig } from "../commands/rig.ts";
import { startWorker } from "../faults/worker-process.ts";
import { createAuthority } from "../setup/certificates.ts";
import { type Secured, startKeyed, startMutualTls } from "../setup/secured-temporal.ts";

const KEY = "temporal-api-key-of-the-test";

/** What is changed in settings that work, and the sentence for it. */
type Row = [string, "certificate" | "key", (secured: Secured) => Record<string, string>, RegExp];

const strangers = (folder: string) => createAuthority(folder, "strangers");

test.each<Row>([
  [
    "no client certificate",
    "certificate",
    () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: "", TEMPORAL_TLS_CLIENT_KEY_PATH: "" }),
    /ends the connection; it may want a client certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH\.$/,
  ],
  [
    "a strangers' client certificate",
    "certificate",
    ({ folder }) => {
      const { cert, key } = strangers(folder).issue("client");
      return { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key };
    },
    /ends the connection; it may refuse the client certificate: check TEMPORAL_TLS_CLIENT_CERT_PATH/,
  ],
  [
    "a strangers' authority",
    "certificate",
    ({ folder }) => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: strangers(folder).cert }),
    /shows a certificate that is not trusted here; set TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
  ],
  [
    "another name",
    "certificate",
    () => ({ TEMPORAL_TLS_SERVER_NAME: "other.example" }),
    /shows a certificate of another name; check TEMPORAL_ADDRESS/,
  ],
  [
    "TLS that is off",
    "certificate",
    () => ({ TEMPORAL_TLS: "false" }),
    /ends the connection; if it wants TLS/,
  ],
  [
    "a server without TLS",
    "certificate",
    () => ({ TEMPORAL_ADDRESS: inject("temporalAddress") }),
    /speaks no TLS, and the settings ask for it/,
  ],
  [
    "a wrong key",
    "key",
    () => ({ TEMPORAL_API_KEY: "wrong-key" }),
    /does not let this caller into the namespace "default"; check TEMPORAL_API_KEY and TEMPORAL_NAMESPACE\.$/,
  ],
  [
    "no key",
    "key",
    () => ({ TEMPORAL_API_KEY: "" }),
    /namespace "default"; set TEMPORAL_API_KEY, or a client certificate\.$/,
  ],
  [
    "an unknown namespace",
    "key",
    () => ({ TEMPORAL_NAMESPACE: "other" }),
    /has no namespace "other"; make it, or set TEMPORAL_NAMESPACE\.$/,
  ],
])("%s ends in one sentence, at the check and in a worker", async (_, kind, bend, sentence) => {
  const address = inject("temporalAddress");
  const secured = kind === "key" ? await startKeyed(address, { key: KEY }) : await startMutualTls(address);
  const { file, folder, settings } = await startRig(1);
  Object.assign(settings, secured.settings, bend(secured));
  const worker = startWorker(settings);
  const { code, stdout, stderr } = await runCli(["check", file], folder, settings);
  expect(await worker.exited()).toBe(2);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  for (const text of [stderr.trimEnd(), worker.output().trimEnd()]) {
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(new RegExp(`\n|${KEY}|wrong-key`));
  }
});

test.each(["migrate", "plan", "watch", "pause"])(
  "%s with a wrong key ends in one sentence",
  async (command) => {
    const secured = await startKeyed(inject("temporalAddress"), { key: KEY });
    const { file, folder, pool, settings } = await startRig(1);
    Object.assign(settings, secured.settings, { TEMPORAL_API_KEY: "wrong-key" });
    const of = ["migrate", "plan"].includes(command) ? file : pool.poolId;
    const { code, stdout, stderr } = await runCli([command, of], folder, settings);
    expect(stderr).toMatch(/^The Temporal server at localhost:\d+ does not let this caller into [^\n]*\.\n$/);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain("wrong-key");
  },
);

test("search attributes are known where the operator service is closed, as at Temporal Cloud", async () => {
  const namespace = "without-attributes";
  const direct = await Connection.connect({ address: inject("temporalAddress") });
  onTestFinished(() => direct.close());
  await direct.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs("1 day"),
  });
  const { settings } = await startKeyed(inject("temporalAddress"), { key: KEY });
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const target = required(readTemporalTarget());
  const connection = required(await connectTemporal(target));
  onTestFinished(() => connection.close());
  const attributesOf = (one: string) =>
    createOrchestration(connection, { ...target, namespace: one }).searchAttributes();
  expect(await attributesOf("default")).toEqual(Object.keys(SEARCH_ATTRIBUTE_TYPES));
  expect(await attributesOf(namespace)).toEqual([]);
});
