import { expect } from "vitest";
import type { Mailing, Recipient } from "../../src/activities/resets/mailing.ts";
import { mailingOfRun } from "../../src/activities/resets/mailing-of-run.ts";
import type { MailSink } from "../../src/delivery/mail-sink.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { ResetOutcome, SentMail } from "../../src/destinations/resets.ts";
import type { Outcome } from "../../src/destinations/sending.ts";
import type { MailDelivery } from "../../src/domain/books.ts";
import { Secret } from "../../src/domain/secret.ts";
import { LedgerError } from "../../src/ledger/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteForgotten } from "../../src/ledger/mail-record.ts";
import { claimMails } from "../../src/ledger/mails.ts";
import { noteUnsentLink } from "../../src/ledger/unsent-links.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { testOnBoth } from "../ledger/ledgers.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const FILE = migrationOf({ source: SOURCE, destination: { kind: "workos" } });
const RUN = {
  ...{ ledgerId: "", destinationKind: "many", environment: "env" },
  migrationId: 1,
  generation: 1,
  firstRunId: "first",
};
const ADA: Recipient = {
  sub: "ada",
  userId: "user_ada",
  writtenAtMs: 1,
  email: "ada@example.com",
  language: null,
};
const BOB: Recipient = { ...ADA, sub: "bob", userId: "user_bob", email: "bob@example.com" };
const LOST: ResetOutcome = { kind: "unknown", code: "timeout", message: "" };
const UNSETTLED = { kind: "skipped", reason: "unsettled" };

/** A migration whose runs mail in one way or the other, at a destination with this record. */
function rig(ledger: Ledger, record: readonly SentMail[]) {
  const { facts, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const links: string[] = [];
  let isLost = false;
  const made = (email: string): ResetOutcome => {
    links.push(`reset_${links.length + 1}`);
    if (isLost) return LOST;
    const link = { url: new Secret("https://x.example/1"), expiresAt: new Date() };
    return { kind: "sent", resetId: links.at(-1) ?? "", userId: `user_${email.split("@")[0]}`, link };
  };
  const destination: Destination = {
    ...rest,
    facts: { ...facts, resets: { ...facts.resets, record: { lagMs: 1_000, keptMs: 86_400_000 } } },
    resets: {
      send: async (email) => made(email),
      sentSince: async () => ({ ok: true, value: { mails: [...record], nextCursor: null } }),
    },
  };
  const mails: MailSink = {
    place: "the mail server",
    checkTexts: async () => ({ ok: true, value: null }),
    digest: async () => "",
    check: async () => ({ ok: true, value: null }),
    deliver: async () => ({ kind: "delivered" }),
    close: () => {},
  };
  const runBy = (delivery: MailDelivery) => {
    const file = { ...FILE, passwordResets: { ...FILE.passwordResets, delivery } };
    return mailingOfRun({ ledger, mails }, RUN, file, destination, { fence: 1 });
  };
  const loseNext = (lose: boolean) => {
    isLost = lose;
  };
  return { links, loseNext, runBy };
}

async function claimedBy(ledger: Ledger, delivery: MailDelivery, { sub } = ADA): Promise<void> {
  const tried = { ordinal: 1, attempts: 1, putOff: 0, data: null, inDoubt: false, firstClaimedAtMs: 1 };
  const item = { ...tried, kind: "user", key: sub, intent: "mail" } as const;
  await ledger.write((tx) => claimMails(tx, RUN.migrationId, [item], delivery));
}

/** What a run finds out of the doubt that an earlier one left, when all has shown. */
async function settled(run: Promise<Mailing>, whose = ADA): Promise<Outcome> {
  const mailing = await run;
  const call = { read: async () => {}, write: async () => {}, signal: new AbortController().signal };
  for (let nowMs = Date.now(); ; nowMs += 5_000) {
    const outcome = await mailing.settle(whose, 1, { ...call, nowMs: () => nowMs });
    if (outcome.kind !== "too_early") return outcome;
  }
}

const recorded = ({ userId, sub } = ADA): SentMail => ({ userId, resetId: `reset_${sub}`, atMs: Date.now() });

testOnBoth("a doubt is settled as its mail was to go out, whoever mails by now", async ({ open }) => {
  const ledger = await open();
  await claimedBy(ledger, "own", ADA);
  await claimedBy(ledger, "destination", BOB);
  const { runBy } = rig(ledger, [recorded(ADA), recorded(BOB)]);
  for (const delivery of ["own", "destination"] as const) {
    expect(await settled(runBy(delivery), ADA)).toEqual(UNSETTLED);
    expect(await settled(runBy(delivery), BOB)).toEqual({ kind: "created", destinationId: "reset_bob" });
  }
});

testOnBoth("a link that was handed to nobody settles no doubt as mailed", async ({ open }) => {
  const ledger = await open();
  await claimedBy(ledger, "destination");
  await ledger.write((tx) => noteUnsentLink(tx, RUN.migrationId, "reset_ada"));
  expect(await settled(rig(ledger, [recorded()]).runBy("destination"))).toEqual(UNSETTLED);
  const { runBy } = rig(ledger, [recorded(), { ...recorded(), resetId: "reset_later" }]);
  expect(await settled(runBy("destination"))).toEqual({ kind: "created", destinationId: "reset_later" });
});

testOnBoth("a ledger that does not answer leaves nobody in doubt", async ({ open }) => {
  const ledger = await open();
  let isDown = false;
  const read: Ledger["read"] = (question) =>
    isDown ? Promise.reject(new LedgerError("ledger_unreachable", "Down.")) : ledger.read(question);
  const { links, runBy } = rig({ ...ledger, read }, []);
  const mailing = await runBy("own");
  isDown = true;
  expect(await mailing.send(ADA)).toMatchObject({ kind: "stopped" });
  expect(links).toEqual([]);
});

testOnBoth("a mail of which the record has told meanwhile is in no doubt", async ({ open }) => {
  const ledger = await open();
  const mail = { sub: ADA.sub, resetId: "reset_ada", atMs: 1 };
  await ledger.write((tx) => noteForgotten(tx, RUN, [mail], "mailed"));
  const { runBy } = rig(ledger, []);
  expect(await settled(runBy("destination"))).toEqual({ kind: "created", destinationId: "reset_ada" });
});

testOnBoth("after a lost link no run makes one that could be taken for it", async ({ open }) => {
  const ledger = await open();
  const { links, loseNext, runBy } = rig(ledger, []);
  loseNext(true);
  const first = await (await runBy("own")).send(ADA);
  expect(first).toMatchObject({ kind: "put_off", code: "timeout" });
  loseNext(false);
  // Resumed, or started again.
  for (const delivery of ["own", "destination"] as const) {
    const again = await (await runBy(delivery)).send(ADA);
    expect(again).toMatchObject({ kind: "put_off", code: "mail_put_off" });
  }
  expect(links).toEqual(["reset_1"]);
  expect(await (await runBy("own")).send(BOB)).toMatchObject({ kind: "created" });
  await ledger.write((tx) => tx.updateTable("unsent_links").set({ made_by_ms: 1 }).execute());
  expect(await (await runBy("own")).send(ADA)).toMatchObject({ kind: "created" });
});
