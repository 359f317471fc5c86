import { expect, test } from "vitest";
import { MailsHeldError, type Recipient } from "../../src/activities/resets/mailing.ts";
import { ownMailing } from "../../src/activities/resets/own-mailing.ts";
import type { Delivery, MailSink } from "../../src/delivery/mail-sink.ts";
import type { ResetSender } from "../../src/destinations/resets.ts";
import { facts } from "../../src/destinations/workos/facts.ts";
import { Secret } from "../../src/domain/secret.ts";

const HOUR_MS = 60 * 60_000;
const LATER = { kind: "put_off", retryAfterMs: 30_000 } as const;
const TOO_FAST = { kind: "slow_down", retryAfterMs: 1_000 } as const;
const DELIVERED = { kind: "delivered" } as const;
const PUT_OFF = { kind: "put_off", code: "mail_put_off" };

function recipient(sub: string): Recipient {
  return { sub, userId: `user_${sub}`, writtenAtMs: 1, email: `${sub}@example.com`, language: null };
}

/** A receiver that answers in this order, and then delivers; `links` are those that were made. */
function rig(...answers: Delivery[]) {
  const links: string[] = [];
  let isLost = false;
  const resets: Pick<ResetSender, "send"> = {
    async send(email) {
      links.push(email);
      if (isLost) {
        isLost = false;
        return { kind: "unknown", code: "timeout", message: "No answer." };
      }
      const link = {
        url: new Secret(`https://x.example/${links.length}`),
        expiresAt: new Date(Date.now() + HOUR_MS),
      };
      return { kind: "sent", resetId: `reset_${links.length}`, userId: `user_${email.split("@")[0]}`, link };
    },
  };
  const sink: MailSink = {
    place: "the mail server",
    checkTexts: async () => ({ ok: true, value: null }),
    digest: async () => "",
    check: async () => ({ ok: true, value: null }),
    deliver: async () => answers.shift() ?? DELIVERED,
    close: () => {},
  };
  const unsent: string[] = [];
  const mailing = () =>
    ownMailing({ facts, resets: resets as ResetSender, callTimeoutMs: 10_000 }, sink, {
      note: async (resetId) => void unsent.push(resetId),
      noteLost: async (sub) => void unsent.push(`lost: ${sub}`),
    });
  const loseNext = () => {
    isLost = true;
  };
  return { links, unsent, mailing, loseNext };
}

test("a mail that is put off, refused or too fast leaves its link behind", async () => {
  const refused = { kind: "rejected", code: "http_422", message: "No." } as const;
  const { links, unsent, mailing } = rig(LATER, TOO_FAST, refused);
  const batch = mailing();
  expect(await batch.send(recipient("ada"))).toMatchObject({ ...PUT_OFF, retryAfterMs: 30_000 });
  expect(await batch.send(recipient("bob"))).toEqual(TOO_FAST);
  expect(await batch.send(recipient("cy"))).toEqual(refused);
  expect(await batch.send(recipient("ada"))).toEqual({ kind: "created", destinationId: "reset_4" });
  expect(links).toHaveLength(4);
  expect(unsent).toEqual(["reset_1", "reset_2", "reset_3"]);
});

test("the link of somebody else's account is mailed to nobody", async () => {
  const { unsent, mailing } = rig();
  const outcome = await mailing().send({ ...recipient("ada"), userId: "user_other" });
  expect(outcome.kind).not.toBe("created");
  expect(unsent).toEqual(["reset_1"]);
});

test("too many at once slows everybody down; the same mail once more is put off alone", async () => {
  const { mailing } = rig(TOO_FAST, TOO_FAST, TOO_FAST);
  const batch = mailing();
  expect(await batch.send(recipient("ada"))).toEqual(TOO_FAST);
  // WorkOS takes three resets a minute for one address.
  expect(await batch.send(recipient("ada"))).toMatchObject({ ...PUT_OFF, retryAfterMs: 30_000 });
  expect(await batch.send(recipient("bob"))).toEqual(TOO_FAST);
});

test("a link whose answer was lost was in no mail: another one is asked for later", async () => {
  const { links, unsent, mailing, loseNext } = rig();
  loseNext();
  // Until no link can be taken for the lost one any more.
  const lost = { kind: "put_off", code: "timeout", message: "No answer.", retryAfterMs: 30_000 };
  expect(await mailing().send(recipient("ada"))).toEqual(lost);
  expect(await mailing().send(recipient("ada"))).toEqual({ kind: "created", destinationId: "reset_2" });
  expect(links).toHaveLength(2);
  expect(unsent).toEqual(["lost: ada"]);
});

test("a hand-over without a clear answer is unsettled by it, and no sign that others are taken", async () => {
  const lost = { kind: "unknown", code: "http_500", message: "" } as const;
  const { unsent, mailing } = rig(LATER, LATER, lost, LATER, LATER);
  const batch = mailing();
  for (const sub of ["a", "b"]) await batch.send(recipient(sub));
  expect(await batch.send(recipient("c"))).toEqual({
    ...{ kind: "skipped", reason: "unsettled", because: "http_500" },
  });
  for (const sub of ["d", "e"]) await batch.send(recipient(sub));
  expect(await batch.send(recipient("f"))).toMatchObject({ kind: "stopped" });
  expect(unsent).toEqual(["reset_1", "reset_2", "reset_4", "reset_5"]);
});

test("after four mails that were put off in a row nobody is mailed for a while", async () => {
  const { links, mailing } = rig(LATER, LATER, LATER, DELIVERED, LATER, LATER, LATER, LATER);
  const batch = mailing();
  for (const sub of ["a", "b", "c", "d", "e", "f", "g", "h"]) await batch.send(recipient(sub));
  const held = await batch.send(recipient("i"));
  expect(links).toHaveLength(8);
  expect(held).toMatchObject({ kind: "stopped", error: { retryAfterMs: 30_000 } });
  expect(held.kind === "stopped" && held.error).toBeInstanceOf(MailsHeldError);
  // The next batch tries again.
  expect(await mailing().send(recipient("i"))).toMatchObject({ kind: "created" });
});
