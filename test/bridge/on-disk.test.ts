import { expect, onTestFinished, test } from "vitest";
import { signatureOf } from "../../src/bridge/caller.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type WhyNoMail, whyNoMail } from "../../src/ledger/campaign.ts";
import { until } from "../faults/until.ts";
import { startPostgres } from "../setup/postgres-server.ts";
import { type BridgeRig, call, emailOf, SECRET, startBridge } from "./rig.ts";

/** A server that takes nothing to the disk by itself for ten seconds: what did not wait for the disk is lost with it. */
const LAZY = ["-c", "wal_writer_delay=10000ms"];

/**
 * What the campaign would say of somebody after the server crashed while this call was under way for them. One like it came
 * just before: what is written soon goes to the disk with the first change of each second.
 */
async function knownAfterCrash(
  operation: string,
  act: (rig: BridgeRig, email: string) => Promise<unknown>,
): Promise<WhyNoMail | null> {
  const server = await startPostgres(LAZY);
  onTestFinished(() => server.stop());
  const rig = await startBridge({ ledgerUrl: server.url });
  const [earlier, person] = [await rig.add(), await rig.add()];
  await rig.imported(earlier);
  const userId = await rig.imported(person);
  const calls = () => rig.workos.journal.entries.filter((entry) => entry.operation === operation).length;
  await act(rig, emailOf(earlier));
  await until("the call before has come", () => calls() === 1);
  const { promise: isOver, resolve: letGo } = Promise.withResolvers<void>();
  rig.workos.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: isOver } });
  const asked = act(rig, emailOf(person));
  await until("the call is under way", () => calls() === 2);
  await server.killBackend();
  const why = await rig.ledger.read((db) => whyNoMail(db, rig.migrationId, { sub: person.sub, userId }));
  letGo();
  await asked;
  await rig.serving.bridge.context.afterAnswers.idle();
  return why;
}

test("a mail that somebody asked for is on disk before it goes out: the campaign mails them no other one", async () => {
  const why = await knownAfterCrash("createPasswordReset", (rig, email) =>
    rig.post("/forgot-password", { email }),
  );
  expect(["ask_under_way", "asked_already"]).toContain(why);
});

test("a move is on disk before the password is set: the campaign mails them no more", async () => {
  const why = await knownAfterCrash("updateUser", (rig, email) => rig.signIn(email));
  expect(["move_under_way", "password_in_doubt"]).toContain(why);
});

test("a used signature is on disk before its call is answered: it is not good again", async () => {
  const server = await startPostgres(LAZY);
  onTestFinished(() => server.stop());
  const rig = await startBridge({ ledgerUrl: server.url });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const post = (body: string) => {
    const signature = signatureOf(new Secret(SECRET), `${timestamp}.POST /sign-in.${body}`);
    return call(rig.url, "/sign-in", body, {
      "x-spillway-timestamp": timestamp,
      "x-spillway-signature": signature,
    });
  };
  const bodies = Array.from({ length: 20 }, (_, index) => JSON.stringify({ index }));
  for (const body of bodies) expect((await post(body)).body).toMatchObject({ error: "invalid_body" });
  await server.killBackend();
  await until("the ledger answers again", async () => (await post("{}")).status !== 503);
  for (const body of bodies) expect((await post(body)).body).toEqual({ error: "unauthorized_caller" });
});
