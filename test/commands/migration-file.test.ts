import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { readMigrationFile } from "../../src/commands/migration-file.ts";
import { startArguments } from "../../src/domain/start-command.ts";
import { temporalPath } from "../../tools/temporal-path.mjs";
import { freshFolder } from "../setup/fresh-folder.ts";
import { withoutPermission } from "../setup/without-permission.ts";

const FILE = JSON.stringify({
  source: { region: "eu-west-1", userPoolId: "eu-west-1_A" },
  destination: { kind: "workos" },
});

function fileOf(text: string): string {
  const path = join(freshFolder(), "migration.json");
  writeFileSync(path, text);
  return path;
}

function refusal(message: string) {
  return { name: "UsageError", message };
}

test("a file is read, and the Temporal CLI can start a run with it", async () => {
  const read = await readMigrationFile(fileOf(FILE));
  expect(read).toMatchObject({ migration: { source: { userPoolId: "eu-west-1_A" } }, cliTrouble: null });
});

test("a file that the Temporal CLI does not take is read, and told", async () => {
  const withMark = await readMigrationFile(fileOf(`\ufeff${FILE}`));
  expect(withMark.cliTrouble).toMatch(/^The file begins with a byte order mark, .*save it without one\.$/);
  const wide = await readMigrationFile(fileOf(FILE + " ".repeat(3_000_000)));
  expect(wide.cliTrouble).toMatch(/^The file has 3\.0 MB with its spaces, .*: take spaces out\.$/);
  expect(wide.migration).toEqual(withMark.migration);
});

test("a file of gigabytes is refused unread", async () => {
  const path = fileOf(FILE);
  truncateSync(path, 3 * 1_024 ** 3);
  await expect(readMigrationFile(path)).rejects.toMatchObject(
    refusal(
      `The migration file is too large: ${path} has 3221.23 MB, and a run takes 1.50 MB as JSON without spaces; name fewer people in it.`,
    ),
  );
});

test("what is told of the Temporal CLI is so", async () => {
  const most = 2 * 1_024 * 1_024;
  const texts = [
    FILE + " ".repeat(most - 1_024 - FILE.length),
    FILE + " ".repeat(most - FILE.length),
    `\ufeff${FILE}`,
  ];
  for (const text of texts) {
    const path = fileOf(text);
    const { cliTrouble } = await readMigrationFile(path);
    const server = ["--address", inject("temporalAddress")];
    const words = startArguments(server, "nobody-works-here", `file-${randomUUID()}`, path);
    const started = promisify(execFile)(temporalPath(), words).then(
      () => true,
      () => false,
    );
    expect(await started).toBe(cliTrouble === null);
  }
});

test("a file that is not there, or that nobody may read, is told with why", async () => {
  const path = fileOf(FILE);
  await expect(readMigrationFile(`${path}.bak`)).rejects.toMatchObject(
    refusal(`There is no file ${path}.bak.`),
  );
  await expect(readMigrationFile(join(path, "a.json"))).rejects.toMatchObject(
    refusal(`The file ${path}/a.json cannot be read: something on its path is no folder.`),
  );
  // Whoever asks may enter the folder, and read no file in it.
  chmodSync(join(path, ".."), 0o755);
  await withoutPermission(path, () =>
    expect(readMigrationFile(path)).rejects.toMatchObject(
      refusal(
        `The file ${path} cannot be read: this user has no permission for it, or for a folder on its path.`,
      ),
    ),
  );
});

test("a folder, a pipe and a device are told, and nothing waits for them", async () => {
  const folder = freshFolder();
  mkdirSync(join(folder, "a"));
  await expect(readMigrationFile(join(folder, "a"))).rejects.toMatchObject(
    refusal(`The file ${folder}/a cannot be read: it is a folder.`),
  );
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const path of [join(folder, "pipe"), "/dev/null"])
    await expect(readMigrationFile(path)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/is a pipe or a device: name a file/),
    });
});
