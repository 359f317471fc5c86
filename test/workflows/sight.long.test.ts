import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultPayloadConverter } from "@temporalio/common";
import { expect, onTestFinished, test } from "vitest";
import { resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { creates, FAST_PACE, progressOf, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { enterInDashboard, setCredentialsStage } from "../faults/with-credentials.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

/** A web server that keeps what it is sent. */
async function webhook() {
  const received: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/alerts`, received };
}

test("a parked run calls the alert webhook once", async () => {
  const { url, received } = await webhook();
  const stage = await setStage({ users: 100, plain: true, workos: { forbidden: true } });
  await stage.work({ SPILLWAY_ALERT_WEBHOOK: url });
  const run = await stage.start();
  await until("the webhook is called", () => received.length > 0);
  const { waitsFor } = await progressOf(run);
  expect(received).toEqual([
    { phase: "assess", ...waitsFor, workflowId: stage.workflowId, namespace: "default" },
  ]);
  stage.workos.setOptions({ forbidden: false });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(received).toHaveLength(1);
});

test("a run that comes to the gate calls the alert webhook once", async () => {
  const { url, received } = await webhook();
  const stage = await setCredentialsStage({ poolId: freshPoolId("alert"), users: 100 });
  await stage.work({ SPILLWAY_ALERT_WEBHOOK: url });
  const run = await stage.start();
  await until("the webhook is called", () => received.length > 0);
  expect(received).toMatchObject([{ phase: "credentials", code: "providers" }]);
  enterInDashboard(stage, "Google");
  await until("one is left", async () => (await progressOf(run)).missingProviders.length === 1);
  enterInDashboard(stage, "SignInWithApple");
  await run.result();
  expect(received).toHaveLength(1);
});

test("an alert goes to the address that was named: a redirect is not followed, and counts as no delivery", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(301, { location: "/elsewhere" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const stage = await setStage({ users: 50, plain: true, workos: { forbidden: true } });
  await stage.work({ SPILLWAY_ALERT_WEBHOOK: `http://127.0.0.1:${port}/alerts` });
  const run = await stage.start();
  await until("it is tried again", () => asked.length > 1);
  expect(new Set(asked)).toEqual(new Set(["POST /alerts"]));
  stage.workos.setOptions({ forbidden: false });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  expect(await run.result()).toMatchObject({ imported: 50 });
});

test("an alert webhook that is down holds nothing up", async () => {
  const stage = await setStage({ users: 50, plain: true, workos: { forbidden: true } });
  await stage.work({ SPILLWAY_ALERT_WEBHOOK: "http://127.0.0.1:9/alerts" });
  const run = await stage.start();
  await until("the run parks", async () => (await progressOf(run)).waitsFor);
  stage.workos.setOptions({ forbidden: false });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  expect(await run.result()).toMatchObject({ imported: 50 });
});

test("operations see ranges, counts, details and attributes", async () => {
  const stage = await setStage({
    users: 1_200,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 60 } },
  });
  await stage.work();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 60);
  const counts = await until("heartbeats tell counts", async () => {
    const { raw } = await run.describe();
    for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
      const payload = heartbeatDetails?.payloads?.[0];
      const details: unknown = payload == null ? null : defaultPayloadConverter.fromPayload(payload);
      if (typeof details === "object" && details !== null && "of" in details) return details;
    }
    return null;
  });
  expect(Object.keys(counts).toSorted()).toEqual(["done", "failed", "of", "skipped"]);
  const { searchAttributes } = await run.describe();
  expect(searchAttributes).toMatchObject({ MigrationPhase: ["users"], MigrationState: ["Running"] });
  const progress = await progressOf(run);
  expect(progress.phases.map(({ phase }) => phase)).toEqual([
    "assess",
    "credentials",
    "snapshot",
    "plan",
    "structure",
    "users",
  ]);
  expect(progress.secondsLeft).toBeGreaterThan(0);
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await run.result();

  const { events } = await run.fetchHistory();
  const summaries = (events ?? []).flatMap(({ userMetadata }) => {
    const payload = userMetadata?.summary;
    return payload == null ? [] : [defaultPayloadConverter.fromPayload(payload)];
  });
  expect(summaries).toEqual([
    "first look at the providers",
    "users 1–500",
    "users 501–1,000",
    "users 1,001–1,500",
  ]);
});
