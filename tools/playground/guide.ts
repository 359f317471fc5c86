import { randomUUID } from "node:crypto";
import { shellLine } from "../../src/domain/shell-line.ts";
import { startArguments } from "../../src/domain/start-command.ts";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { clientIdOf } from "../demo/pool.ts";
import { NAMESPACE, type World } from "../demo/world.ts";

export interface Guide {
  world: World;
  /** The file that sets every variable. */
  environment: string;
  /** The file with address and password of somebody who can sign in over the bridge; null where nobody has a password. */
  signIn: string | null;
}

const JSON_TYPE = "content-type: application/json";
const APPLE = "SignInWithApple";

/** What there is, and each thing to try, with commands that run as they stand. */
export function guideText(guide: Guide): string {
  const { pool, folder, temporal, workosUrl } = guide.world;
  return [
    `A playground: ${pool.users.length.toLocaleString("en-US")} people of a stand-in of Cognito, a stand-in of WorkOS and a real Temporal server, on this
machine alone. All of it stays up until Ctrl-C.

Temporal UI  ${temporal.ui}/namespaces/${NAMESPACE}/workflows
WorkOS       ${workosUrl}/__double/state  (what it holds, as JSON)
Files        ${folder}`,
    ...sections(guide).map(([title, lines]) => `${title}\n${lines.map((line) => `  ${line}`).join("\n")}`),
  ].join("\n\n");
}

function sections({ world, environment, signIn }: Guide): [title: string, lines: string[]][] {
  const { pool, migrationPath, temporal, workosUrl, cognitoUrl } = world;
  const spillway = (...words: string[]) => shellLine(["./spillway", ...words]);
  const hasProviders = pool.identityProviders.length > 0;
  const start = startArguments(
    ["--address", temporal.address],
    "spillway",
    workflowIdOf(pool.poolId),
    migrationPath,
  );
  return [
    ["In each terminal, in the project's folder, first:", [shellLine([".", environment])]],
    [
      "What would happen, and who needs a decision:",
      [spillway("check", migrationPath), spillway("plan", migrationPath), spillway("decide", migrationPath)],
    ],
    [
      "Migrate, worker included; Ctrl-C and the same command again goes on:",
      [spillway("migrate", migrationPath)],
    ],
    [
      "Or with a worker in one terminal, and the start in another:",
      ["npm run worker", shellLine(["./temporal", ...start]), spillway("watch", pool.poolId)],
    ],
    ...(hasProviders ? [gate(pool, workosUrl, spillway)] : []),
    ["A few are mailed first. Then it waits for an approval:", [spillway("approve", pool.poolId)]],
    ...(signIn === null ? [] : [bridge(signIn)]),
    ["Change somebody in Cognito, then migrate again:", changes(pool, cognitoUrl)],
    [
      "Afterwards:",
      [
        spillway("report", "--out", "report"),
        spillway("lookup", pool.users[0]?.sub ?? "SUB"),
        spillway("verify", pool.poolId),
        spillway("undo", pool.poolId),
      ],
    ],
  ];
}

/** Each is taken by the next run: somebody is disabled, somebody has another address, and somebody signs up. */
function changes({ users }: World["pool"], cognitoUrl: string): string[] {
  const [first, second = first] = users;
  if (first === undefined || second === undefined) return [];
  const sub = randomUUID();
  const address = { email: `new-${sub}@example.com`, email_verified: "true" };
  const send = (method: string, body: object) =>
    shellLine([
      "curl",
      "-X",
      method,
      `${cognitoUrl}/__double/users`,
      "-H",
      JSON_TYPE,
      "-d",
      JSON.stringify(body),
    ]);
  return [
    send("PATCH", { sub: first.sub, enabled: false }),
    send("PATCH", { sub: second.sub, attributes: { email: `changed-${sub}@example.com` } }),
    send("POST", { like: second.sub, attributes: { sub, ...address } }),
  ];
}

function gate(
  pool: World["pool"],
  workosUrl: string,
  spillway: (...words: string[]) => string,
): [title: string, lines: string[]] {
  const body = JSON.stringify({ provider: "GoogleOAuth", clientId: clientIdOf(pool, "Google") });
  const dashboard = ["curl", `${workosUrl}/__double/dashboard/providers`, "-H", JSON_TYPE, "-d", body];
  return [
    "It waits for two providers. Enter Google, as a person does in WorkOS's dashboard, and go on without Apple:",
    [shellLine(dashboard), spillway("skip", pool.poolId, APPLE, "--reason", "nobody uses it")],
  ];
}

function bridge(signIn: string): [title: string, lines: string[]] {
  return [
    `The sign-in bridge in one terminal, a sign-in and the example page in others; ${signIn} holds who signs in:`,
    [
      "npm run bridge",
      `${shellLine(["curl", "http://127.0.0.1:8787/sign-in", "-H", JSON_TYPE, "-d", `@${signIn}`])} -H "authorization: Bearer $SPILLWAY_BRIDGE_SECRETS"`,
      'BRIDGE_SECRET="$SPILLWAY_BRIDGE_SECRETS" node_modules/.bin/node examples/sign-in/server.ts',
    ],
  ];
}
