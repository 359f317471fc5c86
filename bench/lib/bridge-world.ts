import { randomBytes } from "node:crypto";
import { request } from "undici";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { fillLedger } from "./bridge-ledger.ts";
import type { BridgePeople, Person } from "./bridge-people.ts";
import { type Child, startChild } from "./child.ts";
import { startCognitoWith, startWorkos } from "./doubles.ts";
import type { BenchLedger } from "./ledgers.ts";
import { importPeople, slowDown, type Vendors } from "./vendor-calls.ts";
import { LIMIT_WRITES_PER_SECOND } from "./workos-limits.ts";

const VENDOR_LATENCY_MS = 50;
const LIMIT_SCALE = 20;
/** What an import may take where it is alone. */
const PACE = {
  writes: LIMIT_SCALE * LIMIT_WRITES_PER_SECOND,
  reads: 2 * LIMIT_SCALE * LIMIT_WRITES_PER_SECOND,
  calls: 2 * LIMIT_SCALE * LIMIT_WRITES_PER_SECOND,
};

/** `npm run bridge` to the word, settings first: a bench measures what operators run. */
const WORDS = manifest.scripts.bridge.split(" ");
const FLAGS = WORDS.filter((word) => word.startsWith("--"));
const ENVIRONMENT = Object.fromEntries(
  WORDS.slice(0, WORDS.indexOf("node")).map((word) => word.split("=", 2)),
);

const started = z.object({ url: z.string() });

/** The bridge as a process of its own, between both vendors, with an import behind it. */
export interface BridgeWorld extends AsyncDisposable, Vendors {
  people: BridgePeople;
  /** Of everybody at WorkOS, by sub. */
  accounts: ReadonlyMap<string, string>;
  ledger: Ledger;
  bridge: Child;
  post(path: string, given: unknown): Promise<{ status: number; text: string }>;
  /** Resolves with the status of `POST /sign-in`. */
  signIn(person: Pick<Person, "email" | "password">): Promise<number>;
}

export async function startBridgeWorld(
  people: BridgePeople,
  at: BenchLedger,
  nodeOptions: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<BridgeWorld> {
  await using stack = new AsyncDisposableStack();
  stack.use(at);
  const cognito = await startCognitoWith(people.pool);
  stack.use(cognito.process);
  const workos = await startWorkos({ unlimited: true });
  stack.use(workos.process);
  const accounts = await importPeople(workos, people);
  const ledger = stack.adopt(await openLedger(at.url), (opened) => opened.close());
  await fillLedger(ledger, { people, environment: workos.clientId, accounts, perSecond: PACE });
  const vendors = { cognito, workos };
  await slowDown(vendors, VENDOR_LATENCY_MS, LIMIT_SCALE);
  const secret = randomBytes(32).toString("hex");
  const bridge = stack.use(
    startBridge(vendors, people, nodeOptions, {
      SPILLWAY_LEDGER: at.url,
      SPILLWAY_BRIDGE_SECRETS: secret,
      ...settings,
    }),
  );
  const { url } = started.parse(JSON.parse(await bridge.line((line) => line.includes("bridge started"))));
  const ask = (path: string, given: unknown) => post(`${url}${path}`, secret, given);
  const rest = stack.move();
  return {
    ...vendors,
    people,
    accounts,
    ledger,
    bridge,
    post: ask,
    signIn: async ({ email, password }) => (await ask("/sign-in", { email, password })).status,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** With its limits of tries as they come: nobody signs in so often. Info lines are written, as operators have it. */
function startBridge(
  { cognito, workos }: Vendors,
  people: BridgePeople,
  nodeOptions: readonly string[],
  settings: Readonly<Record<string, string>>,
): Child {
  return startChild("src/bridge.ts", {
    nodeOptions: [...FLAGS, ...nodeOptions],
    environment: {
      ...ENVIRONMENT,
      SPILLWAY_BRIDGE_USER_POOL: people.pool.poolId,
      SPILLWAY_BRIDGE_CLIENT_ID: people.clientId,
      SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0",
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url,
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      WORKOS_API_URL: workos.url,
      WORKOS_API_KEY: workos.key,
      WORKOS_CLIENT_ID: workos.clientId,
      ...settings,
    },
  });
}

async function post(url: string, secret: string, given: unknown): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify(given),
  });
  return { status: statusCode, text: await body.text() };
}
