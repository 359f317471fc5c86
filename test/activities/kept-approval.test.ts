import { expect } from "vitest";
import { standingOf } from "../../src/activities/resets/kept-approval.ts";
import { testOnBoth } from "../ledger/ledgers.ts";
import { campaign, inActivity } from "./own-campaign.ts";

/** By which sender mails go that somebody approved. */

const FIRST = { people: 3, mayForget: false, lagMs: 0 };

testOnBoth(
  "a worker with another sender than the approved mails had sends none of them",
  async ({ open }) => {
    const ledger = await open();
    const { run, file, mails, send, answered, receiver } = await campaign(ledger, 3);
    receiver.isOut = false;
    const standing = (approved: boolean, asking?: number) =>
      standingOf(
        ledger,
        { run, approved, ...(asking !== undefined && { asking }) },
        { file, mails, ...FIRST },
        async () => {},
      );
    expect(await standing(false)).toEqual({ isApproved: false, asking: 0 });
    expect(await standing(true, 0)).toEqual({ isApproved: true, asking: 0 });
    receiver.digest = "another one";
    expect(await inActivity(() => send(1, 3))).toMatchObject({
      status: "sent",
      waitMs: 0,
      totals: { done: 0 },
    });
    expect(answered.clear).toBe(0);
    receiver.digest = "";
    await inActivity(() => send(1, 3));
    expect(answered.clear).toBe(3);
  },
);

testOnBoth(
  "an approval answers the question about its own sender's mails, and no other one",
  async ({ open }) => {
    const ledger = await open();
    const { run, file, mails, receiver } = await campaign(ledger, 3);
    let moves = 0;
    const standing = (approved: boolean, asking: number) =>
      standingOf(ledger, { run, approved, asking }, { file, mails, ...FIRST }, async () => {
        moves += 1;
      });
    expect(await standing(false, 0)).toEqual({ isApproved: false, asking: 0 });
    receiver.digest = "another one";
    // The same answer, once more where the run did not hear of it.
    for (let time = 0; time < 2; time += 1)
      expect(await standing(true, 0)).toEqual({ isApproved: false, asking: 1 });
    expect(moves).toBe(1);
    expect(await standing(true, 1)).toEqual({ isApproved: true, asking: 1 });
    expect(await standing(true, 1)).toEqual({ isApproved: true, asking: 1 });
    receiver.digest = "";
    expect(await standing(true, 1)).toEqual({ isApproved: false, asking: 2 });
    expect(moves).toBe(2);
  },
);
