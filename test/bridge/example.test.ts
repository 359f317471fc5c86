import { expect, test } from "vitest";
import { askBridge } from "../../examples/sign-in/bridge.ts";
import { SENTENCES } from "../../examples/sign-in/messages.ts";
import { type BridgeRig, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

/** What the example of an application makes of the bridge's answers, where no browser is needed to see it. */

const CLIENT = { ip_address: "203.0.113.9", user_agent: "Mozilla/5.0" };

const ask = ({ url }: BridgeRig, typed: { email: string; password: string; ip_address?: string }) =>
  askBridge({ url, secret: SECRET }, "/sign-in", { ...CLIENT, ...typed });

test("an address that Cognito never verified is told apart from one that WorkOS mails a code to", async () => {
  const rig = await startBridge();
  const never = await rig.add({ emailVerified: false });
  const mailed = await rig.add({ emailVerified: false });
  rig.workos.setPassword(await rig.imported(mailed), PASSWORD);
  expect(await ask(rig, { email: emailOf(never), password: PASSWORD })).toEqual({ show: "unverified" });
  expect(await ask(rig, { email: emailOf(mailed), password: PASSWORD })).toEqual({ show: "verify" });
  expect(SENTENCES.unverified).not.toBe(SENTENCES.verify);
});

test("what was typed and is no address or password is wrong, and a mistake of the application's own is not", async () => {
  const rig = await startBridge();
  expect(await ask(rig, { email: "ada", password: PASSWORD })).toEqual({ show: "wrong" });
  expect(await ask(rig, { email: "ada@example.com", password: "" })).toEqual({ show: "wrong" });
  const own = { email: "ada@example.com", password: PASSWORD, ip_address: "nowhere" };
  expect(await ask(rig, own)).toEqual({ show: "later" });
});
