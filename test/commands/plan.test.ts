import { expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { type Rig, startRig } from "./rig.ts";

/** What a run would do, for people and for pipelines. */

const cli = ({ folder, settings }: Rig, words: readonly string[]) => runCli(words, folder, settings);

/** "12 new, 3 changed, 1 removed" of people and memberships. */
function counts(stdout: string, what: string): string {
  return stdout.replaceAll(/\s+/g, " ").split(`${what}: `)[1]?.split(".")[0] ?? "";
}

test("a plan writes nothing and tells what the run then does; where a person has to decide, the exit code says so", async () => {
  const rig = await startRig();
  const planned = await cli(rig, ["plan", rig.file]);
  expect(planned.stderr).toBe("");
  expect(planned.stdout).toContain("The dry run is done, and nothing was written");
  expect(planned.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /A person has to decide about \d+ accounts, which stay out/,
  );
  expect(planned.code).toBe(2);
  expect(rig.workos.users.size).toBe(0);

  const { stdout } = await cli(rig, ["migrate", rig.file]);
  const written = counts(stdout, "Written by this run");
  expect(written).toMatch(/^people \d+ new, 0 changed, 0 removed/);
  expect(counts(planned.stdout, "A run would write")).toBe(written);
  expect(stdout).toContain("Verified: the destination holds what was written.");

  const again = await cli(rig, ["plan", rig.file]);
  expect(counts(again.stdout, "A run would write")).toBe("people 0 new, 0 changed, 0 removed");
});
