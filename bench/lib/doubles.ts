import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { OptionsWish } from "../../test/doubles/cognito/options.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";
import type { GivenOptions } from "../../test/doubles/workos/options.ts";
import { type Child, jsonOf, startChild } from "./child.ts";

const cognitoAnswer = z.object({ url: z.string(), poolId: z.string(), region: z.string() });
const workosAnswer = z.object({ url: z.string(), key: z.string(), clientId: z.string() });

export interface Cognito extends z.output<typeof cognitoAnswer> {
  process: Child;
}

export interface Workos extends z.output<typeof workosAnswer> {
  process: Child;
}

/** A pool of confirmed, verified people. */
export async function startCognito(
  users: number,
  options: OptionsWish = { unlimited: true },
): Promise<Cognito> {
  return startCognitoDouble(["--plain", "--users", String(users)], options);
}

/** This very pool, at AWS's default quotas unless told otherwise. */
export async function startCognitoWith(pool: Pool, options: OptionsWish = {}): Promise<Cognito> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "spillway-bench-"));
  const file = join(folder.path, "pool.json");
  await writeFile(file, JSON.stringify(pool));
  return await startCognitoDouble(["--pool-file", file], options);
}

async function startCognitoDouble(args: readonly string[], options: OptionsWish): Promise<Cognito> {
  const process = startChild("test/doubles/cognito/main.ts", {
    args: [...args, "--options", JSON.stringify(options)],
  });
  return { ...cognitoAnswer.parse(await jsonOf(process)), process };
}

/** Without a journal unless it is asked for. */
export async function startWorkos(options: GivenOptions, { journal = false } = {}): Promise<Workos> {
  const program = journal ? "test/doubles/workos/main.ts" : "bench/quiet-workos.ts";
  const process = startChild(program, { args: ["--options", JSON.stringify(options)] });
  return { ...workosAnswer.parse(await jsonOf(process)), process };
}
