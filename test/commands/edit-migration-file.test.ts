import { chmodSync, chownSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changeDecisions } from "../../src/commands/edit-migration-file.ts";
import { readMigrationFile } from "../../src/commands/migration-file.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** Of nobody on this machine. */
const [OWNER, GROUP] = [54_321, 54_322];
const FILE = JSON.stringify({
  source: { region: "eu-west-1", userPoolId: "eu-west-1_A" },
  destination: { kind: "workos" },
});

function fileOf(uid: number, gid: number, mode: number): string {
  const folder = freshFolder();
  chmodSync(folder, 0o777);
  const path = join(folder, "migration.json");
  writeFileSync(path, FILE);
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

/** Whose it is, and its mode, once somebody has answered for one of its people. */
async function changed(path: string): Promise<[uid: number, gid: number, mode: string]> {
  await changeDecisions(path, await readMigrationFile(path), new Map([["ada", "skip"]]));
  const { uid, gid, mode } = statSync(path);
  return [uid, gid, (mode & 0o7777).toString(8)];
}

/** As somebody who is of these groups beside their own. */
async function asOwner<T>(groups: readonly number[], work: () => Promise<T>): Promise<T> {
  const before = process.getgroups?.() ?? [];
  process.setgroups?.([...groups]);
  process.seteuid?.(OWNER);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setgroups?.(before);
  }
}

const asRoot = test.runIf(process.getuid?.() === 0);

asRoot("a file that root answers for stays its owner's and its group's", async () => {
  expect(await changed(fileOf(OWNER, GROUP, 0o640))).toEqual([OWNER, GROUP, "640"]);
});

asRoot("a file that one of its group answers for stays its group's", async () => {
  const path = fileOf(0, GROUP, 0o640);
  expect(await asOwner([GROUP], () => changed(path))).toEqual([OWNER, GROUP, "640"]);
});

asRoot.each([
  ["640", "600"],
  ["664", "644"],
  ["604", "600"],
])("where the group of a file of mode %s cannot be kept, nobody may do more with it", async (mode, left) => {
  const path = fileOf(OWNER, GROUP, Number.parseInt(mode, 8));
  const ours = process.getgid?.() ?? 0;
  expect(await asOwner([], () => changed(path))).toEqual([OWNER, ours, left]);
});
