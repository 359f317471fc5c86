import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownPeople } from "../../tools/playground/own-people.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { shell } from "./shell.ts";

/** What the playground prints, given as it stands. */

const ROOT = join(import.meta.dirname, "../..");
const PLAYGROUND = join(ROOT, "tools/playground.ts");

async function openPlayground(...words: string[]) {
  const playground = shell(["exec", "node_modules/.bin/node", PLAYGROUND, ...words].join(" "), ROOT);
  const text = await playground.printed(/ undo \S+\n/);
  const lines = text.split("\n").map((line) => line.trim());
  const command = (start: string) => {
    const found = lines.find((line) => line.startsWith(start));
    if (found === undefined) throw new Error(`The playground names no command that begins with ${start}.`);
    return found;
  };
  const set = command(". ");
  const given = (line: string) => shell(`${set} && ${line}`, ROOT);
  const run = (line: string) => given(line).ended;
  return { playground, command, given, run };
}

const LONG_TEST_MS = 300_000;

test("each thing that the playground names can be done as it is printed", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { command, given, run } = await openPlayground("--users", "120");
  const { code, text } = await run(command("./spillway check"));
  expect(text).toContain("Both sides can be reached.");
  expect(code).toBe(0);
  // Some of its people share an address: a pipeline would stop here.
  const planned = await run(command("./spillway plan"));
  expect(planned).toMatchObject({ code: 2, text: expect.stringContaining("The dry run is done") });
  expect((await run(`${command("./spillway decide")} --list`)).text).toContain(
    "The newest plan leaves to a person",
  );

  const migrating = given(command("./spillway migrate"));
  await migrating.printed("SignInWithApple");
  expect((await run(command("curl http://127.0.0.1:"))).code).toBe(0);
  expect((await run(`${command("./spillway skip")} --yes`)).text).toContain("Skipped SignInWithApple");
  await migrating.printed("The first ones:");
  expect((await run(`${command("./spillway approve")} --yes`)).text).toContain("Approved: resets.");
  expect(await migrating.ended).toMatchObject({ code: 0, text: expect.stringMatching(/Done: of 120 users/) });

  const port = await freePort();
  const bridge = given(`export SPILLWAY_BRIDGE_ADDRESS=127.0.0.1:${port} && ${command("npm run bridge")}`);
  await bridge.printed("bridge started");
  const signIn = command("curl http://127.0.0.1:8787/sign-in").replace(":8787", `:${port}`);
  expect((await run(signIn)).text).toContain('"outcome":"signed_in"');

  const folder = freshFolder();
  expect(
    (await run(command("./spillway report").replace("report --out report", `report --out ${folder}/r`))).code,
  ).toBe(0);
  expect((await run(command("./spillway lookup"))).text).toContain("outcome");
  expect(await run(command("./spillway verify"))).toMatchObject({
    code: 0,
    text: expect.stringContaining("Verified"),
  });
  for (const change of ["curl -X PATCH", "curl -X POST"])
    expect(await run(command(change))).toMatchObject({ code: 0, text: expect.stringContaining('"sub"') });
  const undo = command("./spillway undo");
  const undone = await run(`${undo} --signed-in remove --confirm ${undo.split(" ").at(-1)}`);
  expect(undone).toMatchObject({ code: 0, text: expect.stringContaining("Undone.") });
});

test("people of one's own move as well, and a file that is wrong is told in one sentence", {
  timeout: LONG_TEST_MS,
}, async () => {
  const folder = freshFolder();
  const file = join(folder, "people.json");
  const ada = { email: "ada@example.com", password: "Correct-horse-7", groups: ["editors"] };
  writeFileSync(file, JSON.stringify({ users: [ada, { email: "bob@example.com", enabled: false }] }));
  const { playground, command, run } = await openPlayground("--pool", file);
  expect(await playground.printed("Afterwards:")).not.toContain(ada.password);
  // All who are mailed are among the first: nobody is left to approve.
  expect(await run(command("./spillway migrate"))).toMatchObject({
    code: 0,
    text: expect.stringMatching(/Done: of 2 users, 1 imported, 0 merged, 1\s+skipped/),
  });

  const help = await shell(`node_modules/.bin/node ${PLAYGROUND} --help`, ROOT).ended;
  const example = /as JSON: (\{.+\})$/m.exec(help.text)?.[1] ?? "";
  writeFileSync(file, example);
  expect((await ownPeople(file)).users).toHaveLength(1);

  writeFileSync(file, JSON.stringify({ users: [{ email: "no address" }] }));
  const refused = await shell(`node_modules/.bin/node ${PLAYGROUND} --pool ${file}`, ROOT).ended;
  expect(refused.code).toBe(2);
  expect(refused.text).toMatch(/^The pool's file .*people\.json is wrong: users\.0\.email: .+\.\n$/);
});
