import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { answer, bare, FILE, rigWith, start, times, written } from "./init-rig.ts";
import { expectRefusal } from "./refusal.ts";
import { KEYS, testAtTerminal } from "./terminal.ts";

/** What stands in the way of a migration file that is asked for. */

const { down, enter, ctrlC } = KEYS;

testAtTerminal("without credentials, the pool is typed in and the file is written all the same", async () => {
  const rig = await rigWith();
  const terminal = start(rig, { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_REGION: "" });
  await answer(terminal, "AWS region of the user pool:", "Ireland", enter);
  await terminal.shown('"source.region": must be an AWS region such as "eu-west-1".');
  terminal.press(...times(7, "\x7f"), "eu-west-1", enter);
  const told = await answer(terminal, "Id of the user pool:", "eu-west-1_AbC", enter);
  expect(told).toContain("There are no AWS credentials; set AWS_PROFILE");
  await answer(terminal, "The pool cannot be read.*select", down, enter);
  await answer(terminal, "What becomes an organization.*select", down, enter);
  await answer(terminal, "Name of the attribute.*:", "custom:tenant", enter);
  await answer(terminal, "Do groups become roles.*select", down, enter);
  await answer(terminal, "Which role does a member.*select", down, enter);
  await answer(terminal, "Are people mailed.*select", enter);
  expect((await terminal.ended).code).toBe(0);
  expect(written(rig)).toMatchObject({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_AbC" },
    organizations: { from: "attribute", attribute: "custom:tenant" },
    roles: { from: "groups", several: true },
  });
  expect((await runCli(["check", FILE, "--offline"], rig.folder, rig.settings)).code).toBe(0);
});

testAtTerminal(
  "a permission that is missing is told, and what it would have shown is typed in or left out",
  async () => {
    const rig = await rigWith();
    rig.cognito.setOptions({ denied: "ListUserPools" });
    const terminal = start(rig);
    await answer(terminal, "AWS region.*\\)", enter);
    const told = await answer(terminal, "Id of the user pool:", rig.pool.poolId);
    expect(told).toContain("AWS does not let these credentials list user pools (AccessDeniedException).");
    rig.cognito.setOptions({ denied: "ListGroups" });
    terminal.press(enter);
    const ways = await answer(terminal, "What becomes an organization.*select", down, down, enter);
    expect(ways).toContain("The groups cannot be read. AWS refuses to read the pool (AccessDeniedException)");
    await answer(terminal, "How do the names of these groups begin\\?", "tenant-", enter);
    await answer(terminal, "Do groups become roles.*select", enter);
    await answer(terminal, "Identity provider.*select", ctrlC);
    expect((await terminal.ended).code).toBe(130);
  },
);

testAtTerminal("a pool that is not in the region is told, and both are asked for again", async () => {
  const rig = await rigWith(bare);
  const terminal = start(rig, { AWS_REGION: "eu-central-1" });
  await answer(terminal, "AWS region.*\\(eu-central-1\\)", enter);
  const none = await answer(terminal, "Id of the user pool:", rig.pool.poolId, enter);
  expect(none).toContain("These credentials see no user pool in eu-central-1.");
  const told = await answer(terminal, "The pool cannot be read.*select", enter);
  expect(told).toContain(`There is no user pool ${rig.pool.poolId} in eu-central-1`);
  await answer(terminal, "AWS region.*\\)", "eu-west-1", enter);
  await answer(terminal, "Which user pool.*select", enter);
  await answer(terminal, "What becomes an organization.*select", enter);
  await answer(terminal, "Are people mailed.*select", enter);
  expect((await terminal.ended).code).toBe(0);
  expect(written(rig).source).toEqual({ region: "eu-west-1", userPoolId: rig.pool.poolId });
});

testAtTerminal("Ctrl-C leaves nothing behind", async () => {
  const rig = await rigWith(bare);
  const before = readdirSync(rig.folder);
  const terminal = start(rig);
  await answer(terminal, "AWS region.*\\)", enter);
  await answer(terminal, "Which user pool.*select", enter);
  await answer(terminal, "What becomes an organization.*select", ctrlC);
  expect(await terminal.ended).toMatchObject({
    code: 130,
    text: expect.stringContaining("Nothing was changed."),
  });
  expect(readdirSync(rig.folder)).toEqual(before);
});

testAtTerminal(
  "a file that somebody else made meanwhile stays theirs, and nothing that was answered is lost",
  async () => {
    const rig = await rigWith(bare);
    const terminal = start(rig);
    await answer(terminal, "AWS region.*\\)", enter);
    await answer(terminal, "Which user pool.*select", enter);
    await answer(terminal, "What becomes an organization.*select", enter);
    await terminal.shown(/Are people mailed.*select/);
    writeFileSync(join(rig.folder, FILE), "theirs");
    const before = readdirSync(rig.folder);
    terminal.press(enter);
    const { code, text } = await terminal.ended;
    expect(code).toBe(2);
    expect(text).toContain(`${FILE} is there already, and init overwrites nothing: name another file.`);
    expect(text).toContain(`"userPoolId": "${rig.pool.poolId}"`);
    expect(readFileSync(join(rig.folder, FILE), "utf8")).toBe("theirs");
    expect(readdirSync(rig.folder)).toEqual(before);
  },
);

testAtTerminal(
  "a file that is there, and a folder that is not, are told before anything is asked",
  async () => {
    const rig = await rigWith(bare);
    const there = await start(rig, {}, "migration.json").ended;
    expect(there).toMatchObject({
      code: 2,
      text: expect.stringContaining(
        "migration.json is there already, and init overwrites nothing: name another file.",
      ),
    });
    expect((await start(rig, {}, "nowhere/new.json").ended).text).toContain(
      "The file nowhere/new.json cannot be written: it does not exist, or a folder on its path does not.",
    );
    expect((await start(rig, {}, "migration.json/new.json").ended).text).toContain(
      "The file migration.json/new.json cannot be written: something on its path is no folder.",
    );
  },
);

test("without a terminal nothing is asked, and the example to start from is named", async () => {
  const folder = freshFolder();
  expectRefusal(await runCli(["init"], folder), /^init asks at a terminal, .*copy examples\/minimal\.json/);
  expect(readdirSync(folder)).toEqual([]);
});
