import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSecretStore } from "../../src/secrets/create-store.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { DONE, kept, NAME, put, shown, startAwsRig } from "./rig.ts";

test("a file takes the secrets where one is set", async () => {
  const folder = freshFolder();
  const store = await createSecretStore({ kind: "file", path: join(folder, "secrets.json") });
  expect(readdirSync(folder)).toEqual([]);
  expect(await put(store, NAME, kept("s3cret"))).toEqual(DONE);
  expect(shown(await store.get(NAME))).toMatchObject({ clientSecret: "s3cret" });
  expect(readdirSync(folder)).toContain("secrets.json");
});

test("Secrets Manager takes the secrets under the prefix that is set", async () => {
  const { double } = await startAwsRig();
  const store = await createSecretStore({ kind: "aws-secrets-manager", prefix: "team/" });
  expect(double.journal.entries).toHaveLength(0);
  expect(await put(store, NAME, kept("s3cret"))).toEqual(DONE);
  expect(double.secrets.all.map(({ name }) => name)).toEqual([`team/${NAME}`]);
});
