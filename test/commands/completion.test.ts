import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { defineCommands } from "../../src/commands/definitions.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";

async function scriptFor(shell: string): Promise<string> {
  const folder = freshFolder();
  const { code, stdout } = await runCli(["completion", shell], folder);
  expect(code).toBe(0);
  const path = join(folder, "script");
  writeFileSync(path, stdout);
  return path;
}

/** A line of the command, the word under the cursor last, completed in bash for each of these. */
function completedInBash(script: string, lines: readonly string[][]): string[][] {
  const asked = lines.map((words) => {
    const quoted = ["./spillway", ...words].map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _spillway; echo "\${COMPREPLY[*]}"`;
  });
  const text = [`set -u; source '${script}'; complete -p spillway >&2`, ...asked].join("\n");
  const printed = execFileSync("bash", ["--norc", "-c", text], { encoding: "utf8", stdio: "pipe" });
  return printed
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").filter((word) => word !== ""));
}

function leaves(command: Command, path: string[] = []): { path: string[]; command: Command }[] {
  return [{ path, command }, ...command.commands.flatMap((one) => leaves(one, [...path, one.name()]))];
}

test("bash offers every command, and every option of each", async () => {
  const program = new Command("spillway");
  defineCommands(program);
  const commands = leaves(program);
  expect(commands.length).toBeGreaterThan(25);
  const script = await scriptFor("bash");
  const options = completedInBash(
    script,
    commands.map(({ path }) => [...path, "--"]),
  );
  const words = completedInBash(
    script,
    commands.map(({ path }) => [...path, ""]),
  );
  for (const [at, { path, command }] of commands.entries()) {
    const longs = command.options.map(({ long }) => long);
    expect(options[at], path.join(" ")).toEqual(expect.arrayContaining([...longs, "--help"]));
    if (command.commands.length > 0) expect(words[at]).toEqual(command.commands.map((one) => one.name()));
  }
});

test("bash completes what was begun, behind options too, and leaves files to itself", async () => {
  const script = await scriptFor("bash");
  const lines = [["che"], ["explain", "ledger_r"], ["credentials", "re"], ["completion", "f"]];
  expect(
    completedInBash(script, [...lines, ["check", "--offline", "mig"], ["explain", "--json", "ledger_r"]]),
  ).toEqual([["check"], ["ledger_restored"], ["reveal"], ["fish"], [], ["ledger_restored"]]);
});

const IS_THERE = (shell: string) => spawnSync(shell, ["--version"]).status === 0;

test.each(["bash", "zsh", "fish"])("the script for %s has no mistake that the shell finds", async (shell) => {
  const script = await scriptFor(shell);
  if (!IS_THERE(shell)) return;
  expect(spawnSync(shell, ["-n", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

test("another shell is refused with those that there are", async () => {
  const { code, stderr } = await runCli(["completion", "csh"], freshFolder());
  expect(stderr).toMatch(/Allowed choices are bash, zsh, fish; see \.\/spillway completion --help\.$/m);
  expect(code).toBe(2);
});
