import { expect, test } from "vitest";
import { signatureOf } from "../../src/bridge/caller.ts";
import { REFUSAL_SENTENCES, type RefusalCode } from "../../src/bridge/refusals.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type BridgeRig, call, SECRET, startBridge } from "./rig.ts";

/** What operators hear of calls that nothing was done for. */

const EMAIL = "ada@example.com";
const BODY = JSON.stringify({ email: EMAIL, password: "Not-The-One-9" });
const OTHER = new Secret("7e02b9c5d81f4a63907d2ce5b6f8a143");

function signed(secret = new Secret(SECRET), seconds = Math.floor(Date.now() / 1_000)) {
  const signature = signatureOf(secret, `${seconds}.POST /sign-in.${BODY}`);
  return { "x-spillway-timestamp": String(seconds), "x-spillway-signature": signature };
}

const own = { authorization: `Bearer ${SECRET}` };
const CALLS: Record<RefusalCode, (rig: BridgeRig) => Promise<unknown>> = {
  no_secret: ({ url }) => call(url, "/sign-in", BODY, {}),
  secret_wrong: ({ url }) => call(url, "/sign-in", BODY, { authorization: `Bearer ${OTHER.reveal()}` }),
  signature_wrong: ({ url }) => call(url, "/sign-in", BODY, signed(OTHER)),
  signature_late: ({ url }) => call(url, "/sign-in", BODY, signed(new Secret(SECRET), 1)),
  async signature_used({ url }) {
    const headers = signed();
    await call(url, "/sign-in", BODY, headers);
    await call(url, "/sign-in", BODY, headers);
  },
  not_json: ({ post }) => post("/sign-in", "email=ada"),
  invalid_body: ({ post }) => post("/sign-in", { email: EMAIL }),
  body_too_large: ({ post }) => post("/sign-in", { email: EMAIL, password: "x".repeat(9_000) }),
  not_found: ({ url }) => call(url, "/descope/verify", BODY, own),
  async over_limit({ post }) {
    const body = { email: EMAIL, password: "Not-The-One-9", ip_address: "203.0.113.9" };
    await post("/sign-in", body);
    await post("/sign-in", body);
  },
};

/** What the bridge writes as a warning from now on. */
function warningsOf({ serving }: BridgeRig): unknown[] {
  const warnings: unknown[] = [];
  const { logger } = serving.bridge.context;
  logger.warn = (...words: unknown[]) => {
    warnings.push(words);
  };
  return warnings;
}

test.each(Object.keys(CALLS) as RefusalCode[])(
  "calls that are refused for %s are counted, and stand in the log once, without anything of theirs",
  async (code) => {
    const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "1" } });
    const warnings = warningsOf(rig);
    await CALLS[code](rig);
    const metrics = async () => await (await fetch(`${rig.url}/metrics`)).text();
    expect(await metrics()).toContain(`spillway_bridge_refused_total{code="${code}"} 1\n`);
    await CALLS[code](rig);
    expect(await metrics()).toMatch(new RegExp(`refused_total\\{code="${code}"\\} [23]\n`));
    expect(warnings).toEqual([[{ code }, REFUSAL_SENTENCES[code]]]);
  },
);

test("calls over a limit stand in the log nowhere else, however many they are", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "1" } });
  const lines: unknown[] = [];
  rig.serving.bridge.context.logger.info = (...words: unknown[]) => {
    lines.push(words);
  };
  for (let call = 0; call < 10; call += 1) await CALLS.over_limit(rig);
  expect(lines).toEqual([[expect.objectContaining({ route: "sign-in", outcome: "wrong" })]]);
});
