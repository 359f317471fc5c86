import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { shell } from "../tools/shell.ts";
import { namedIn, printedIn } from "./printed.ts";

/** Somebody who has README and docs/start.md alone: each command as these print it, in a clone of its own. */

const ROOT = join(import.meta.dirname, "../..");
const LONG_TEST_MS = 600_000;
const README = "README.md";
const START = "docs/start.md";
const FILE = "migration.json";

/** What is committed is cloned; what set-up brought is that of this checkout. */
function clone(): string {
  const folder = join(freshFolder(), "spillway");
  execFileSync("git", ["-c", "safe.directory=*", "clone", "--quiet", ROOT, folder]);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const migration = z.looseObject({ source: z.looseObject({ userPoolId: z.string() }) });
const login = z.object({ email: z.string() });
const story = z.array(z.looseObject({ sub: z.string() }));
const summary = z.looseObject({ mode: z.string() });
const state = z.looseObject({ standing: z.looseObject({ kind: z.string() }) });
const workosState = z.looseObject({ users: z.array(z.looseObject({ external_id: z.string().nullable() })) });

type Text<Schema extends z.ZodType> = (text: string) => z.infer<Schema>;

function reading<Schema extends z.ZodType>(schema: Schema): Text<Schema> {
  return (text) => schema.parse(JSON.parse(text));
}

/** A stranger in their clone, beside a playground that stays up. */
async function stranger() {
  const folder = clone();
  const playground = shell(namedIn(folder, README, "npm run playground"), folder);
  const guide = await playground.printed(/ undo \S+\n/);
  const line = (start: string) => {
    const found = guide.split("\n").find((one) => one.trim().startsWith(start));
    if (found === undefined) throw new Error(`The playground tells nothing that begins with ${start}.`);
    return found.trim();
  };
  const path = (pattern: RegExp) => pattern.exec(guide)?.[0] ?? "";
  const file = reading(migration)(readFileSync(path(/\S+\/migration\.json/), "utf8"));
  const { userPoolId } = file.source;
  const inClone = (name: string) => join(folder, name);
  const write = (change: object) => writeFileSync(inClone(FILE), JSON.stringify({ ...file, ...change }));
  const given = (words: string) => shell(`${line(". ")} && ${words}`, folder);
  return {
    line,
    write,
    given,
    /** To its end, which is a good one. */
    done: async (words: string) => {
      const { code, text } = await given(words).ended;
      if (code !== 0) throw new Error(`${words} ended with ${code}: ${text}`);
      return text;
    },
    run: (words: string) => given(words).ended,
    printed: (page: string, start: string) => printedIn(folder, page, start).replace("POOL", userPoolId),
    mode: (report: string) => reading(summary)(readFileSync(inClone(`${report}/summary.json`), "utf8")).mode,
    login: reading(login)(readFileSync(path(/(?<=@)\S+\/sign-in\.json/), "utf8")).email,
    standing: async () => {
      const answer = await fetch(path(/\S+\/__double\/state/));
      return reading(workosState)(await answer.text()).users.map(({ external_id }) => external_id);
    },
  };
}

test("from the clone to the purge, with what README and the first page print", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { line, write, given, done, run, printed, mode, login, standing } = await stranger();
  write({});
  expect(await done(printed(README, "./spillway check"))).toContain("Both sides can be reached.");

  // People who share an address wait for a decision: a pipeline would stop.
  expect(await run(printed(START, "./spillway plan"))).toMatchObject({ code: 2 });
  await done(printed(START, "./spillway report --out report-dry-run"));
  expect(mode("report-dry-run")).toBe("plan");
  const undecided = await run(`${printed(START, "./spillway decide")} --list`);
  expect(undecided.text).toContain("The newest plan leaves to a person");
  expect(await standing()).toEqual([]);

  const [pilot] = reading(story)(await done(`echo ${login} | ./spillway lookup --email --json`));
  if (pilot === undefined) throw new Error("Nobody has the playground's address.");
  write({ only: { subs: [pilot.sub] }, passwordResets: undefined });
  await done(printed(START, "./spillway migrate"));
  const told = await done(printed(START, "./spillway lookup SUB").replace("SUB", pilot.sub));
  expect(told).toContain("imported");
  expect(await standing()).toEqual([pilot.sub]);

  write({});
  const migrate = printed(START, "./spillway migrate");
  const first = given(migrate);
  await first.printed("SignInWithApple");
  const watched = await done(`${printed(README, "./spillway watch")} --json`);
  expect(reading(state)(watched).standing.kind).toBe("running");
  await done(line("curl http://127.0.0.1:"));
  await done(`${line("./spillway skip")} --yes`);
  await first.printed(/users\s+\d+ of/);
  first.kill();
  const second = given(migrate);
  await second.printed("The first ones:");
  await done(`${printed(START, "./spillway approve")} --yes`);
  expect(await second.ended).toMatchObject({ code: 0, text: expect.stringContaining("Done: of 500 users") });
  const everyone = await standing();
  expect(new Set(everyone).size).toBe(everyone.length);

  await done(printed(START, "./spillway report --out report"));
  expect(mode("report")).toBe("run");
  await done(printed(README, "./spillway verify"));

  const port = await freePort();
  const bridge = given(`export SPILLWAY_BRIDGE_ADDRESS=127.0.0.1:${port} && ${line("npm run bridge")}`);
  await bridge.printed("bridge started");
  const signIn = await done(line("curl http://127.0.0.1:8787/sign-in").replace("8787", String(port)));
  expect(signIn).toContain('"outcome":"signed_in"');

  await done(line("curl -X POST"));
  await done(migrate);
  expect((await standing()).length).toBe(everyone.length + 1);

  const undone = `${printed(README, "./spillway undo")} --signed-in remove --confirm`;
  const pool = printed(README, "./spillway undo").split(" ").at(-1) ?? "";
  await done(`${undone} ${pool}`);
  expect(await standing()).toEqual([]);
  await done(`${printed(README, "./spillway purge")} --confirm ${pool}`);
});
