import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resumeUpdate, skipProviderUpdate } from "../../src/workflows/messages.ts";
import { randomMarker } from "../doubles/pool/random.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { recordFigures } from "./figures.ts";
import { hits } from "./history-text.ts";
import { placesOf } from "./places.ts";
import { progressOf } from "./stage.ts";
import { until } from "./until.ts";
import { enterInDashboard, setCredentialsStage } from "./with-credentials.ts";

const LONG_TEST_MS = 120_000;

/** Secrets of Cognito's providers and clients, and those that the destination shows once. */
test("no secret reaches ledger, log, history or report", { timeout: LONG_TEST_MS }, async () => {
  const marker = randomMarker();
  const stage = await setCredentialsStage({
    poolId: freshPoolId("secret"),
    users: 150,
    secretMarker: () => marker,
  });
  // A vendor that quotes what it was sent, and answers that get lost.
  const quoting = { message: `The client_secret ${marker} is not accepted.` };
  stage.workos.faults.add(
    {
      // The first one is SAML's, which has no secret.
      match: { operation: "createConnection", after: 1 },
      times: 1,
      effect: { kind: "status", status: 422, body: quoting },
    },
    {
      match: { operation: "createConnection", after: 1 },
      times: 1,
      effect: { kind: "status_after_effect", status: 500 },
    },
    { match: { operation: "createClientSecret" }, times: 1, effect: { kind: "reset_after_effect" } },
  );
  const worker = stage.startWorker({ LOG_LEVEL: "debug" });
  const run = await stage.start();
  const waiting = await until("the run waits", async () => {
    const progress = await progressOf(run);
    return progress.state === "Waiting" && progress.missingProviders.length === 3 ? progress : null;
  });
  // The connection that was refused: the ledger keeps the vendor's words, without the secret.
  expect(waiting.missingProviders.map(({ fault }) => fault)).toContain("connection_missing");
  enterInDashboard(stage, "Google");
  enterInDashboard(stage, "SignInWithApple");
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  const left = await until("one is left", async () => {
    const { missingProviders } = await progressOf(run);
    return missingProviders.length === 1 ? missingProviders[0]?.name : null;
  });
  await run.executeUpdate(skipProviderUpdate, { args: [{ name: left, reason: "set up later" }] });
  await run.result();
  const behind = await placesOf(stage, run);
  await worker.end("SIGTERM");

  const places = [...behind, ["waiting", JSON.stringify(waiting)], ["log", worker.output()]] as const;
  const made = stage.workos.state().clientSecrets.map(({ secret }) => secret);
  expect(made.length).toBeGreaterThan(2);
  for (const [place, text] of places)
    for (const secret of [marker, ...made]) expect(hits(text, secret), `in ${place}`).toBe(0);
  // The search itself works: the destination was given the providers' secrets, the store the new ones.
  expect(hits(JSON.stringify(stage.workos.state().connections), marker)).toBeGreaterThan(0);
  const kept = readFileSync(join(stage.folder, "secrets.json"), "utf8");
  expect(made.filter((secret) => hits(kept, secret) > 0)).toHaveLength(2);
  recordFigures("secrets searched for in ledger, history, logs, report", { secretsFound: 0 });
});
