import { z } from "zod";
import type { OptionsWish } from "../../test/doubles/cognito/options.ts";
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
  const args = ["--plain", "--users", String(users), "--options", JSON.stringify(options)];
  const process = startChild("test/doubles/cognito/main.ts", { args });
  return { ...cognitoAnswer.parse(await jsonOf(process)), process };
}

/** Without a journal unless it is asked for. */
export async function startWorkos(options: GivenOptions, { journal = false } = {}): Promise<Workos> {
  const program = journal ? "test/doubles/workos/main.ts" : "bench/quiet-workos.ts";
  const process = startChild(program, { args: ["--options", JSON.stringify(options)] });
  return { ...workosAnswer.parse(await jsonOf(process)), process };
}
