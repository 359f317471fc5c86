import { expect } from "vitest";
import { runCli } from "./cli.ts";
import { startRig } from "./rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";
import { sharing } from "./undecided-rig.ts";

/** From the plan that leaves people to a person to the run that does what they said. */

const UNVERIFIED = { verified: false };

testAtTerminal("what is answered, a run then does; the plan before leads to the command", async () => {
  const rig = await startRig(0);
  rig.pool.users.push(
    ...sharing("bob", [UNVERIFIED, UNVERIFIED]).map(({ identities: _, identitiesBroken: __, ...user }) => ({
      ...user,
      kind: "shared",
    })),
  );
  const run = (...words: string[]) => runCli(words, rig.folder, rig.settings);
  const planned = await run("plan", rig.file);
  expect(planned.stdout.replaceAll(/\s+/g, " ")).toContain(
    `\`./spillway decide ${rig.file}\` shows them and asks`,
  );
  expect(planned.code).toBe(2);
  const terminal = startAtTerminal(["decide", rig.file], rig.folder, rig.settings);
  await terminal.shown("Stop here");
  terminal.press(KEYS.enter);
  expect((await terminal.ended).code).toBe(0);
  const again = await run("plan", rig.file);
  expect(again.code).toBe(0);
  const { stdout } = await run("migrate", rig.file);
  expect(stdout).toContain("1 imported");
});
