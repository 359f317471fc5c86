import { input } from "@inquirer/prompts";
import { createPoolList, type ListedPool, regionOfEnvironment } from "../cognito/pool-list.ts";
import { type Ask, listAll } from "../cognito/read-configuration.ts";
import type { Migration, Parsed } from "../domain/migration.ts";
import { UsageError } from "../exit.ts";
import { askPatiently, type SourceFailure, sourceSentence } from "./ask.ts";
import { type Choice, choose } from "./choose.ts";
import { refusalOf } from "./init-answer.ts";
import { attempt, isOfOneCall, type KnownPool, readPool, tell } from "./init-known.ts";

type Source = Migration["source"];

/** Asks until there is a pool that can be read, or that somebody names all the same. */
export async function askForPool(
  destination: Migration["destination"],
): Promise<{ source: Source; known: KnownPool }> {
  let region = await regionOfEnvironment();
  for (;;) {
    region = await askForRegion(region, destination);
    const userPoolId = await askForId(region, destination);
    const source = { region, userPoolId };
    const known = await readPool(source);
    if (known !== null) return { source, known };
  }
}

/** Good where only the other half of the source is looked at. */
const SOME: Source = { region: "eu-west-1", userPoolId: "eu-west-1_A" };

async function askForRegion(proposed: string | null, destination: Migration["destination"]): Promise<string> {
  const region = await input({
    message: "AWS region of the user pool:",
    ...(proposed !== null && { default: proposed }),
    validate: (text) => refusalOf({ source: { ...SOME, region: text.trim() }, destination }),
  });
  return region.trim();
}

async function askForId(region: string, destination: Migration["destination"]): Promise<string> {
  const pools = await readPools(region);
  if (!pools.ok) tell(`${pools.sentence} Type the pool's id.`);
  else if (pools.value.length === 0) tell(`These credentials see no user pool in ${region}.`);
  else {
    const chosen = await choose<string | null>("Which user pool?", pools.value.map(poolChoice), [OTHER]);
    if (chosen !== null) return chosen;
  }
  const userPoolId = await input({
    message: "Id of the user pool:",
    validate: (text) => refusalOf({ source: { ...SOME, userPoolId: text.trim() }, destination }),
  });
  return userPoolId.trim();
}

const OTHER: Choice<null> = { value: null, name: "Another one, whose id you type" };

function poolChoice({ id, name }: ListedPool): Choice<string> {
  return { value: id, name: name === "" ? id : `${id}  ${name}` };
}

async function readPools(region: string): Promise<Parsed<ListedPool[]>> {
  const pools = createPoolList(region);
  const ask: Ask = async (_operation, call) => {
    const answer = await askPatiently(call);
    if (!answer.ok) throw new UsageError(listSentence(region, answer));
    return answer.value;
  };
  try {
    return await attempt(() => listAll(ask, "ListUserPools", (token) => pools.list(token)));
  } finally {
    pools.close();
  }
}

function listSentence(region: string, failed: SourceFailure): string {
  return isOfOneCall(failed)
    ? `AWS does not let these credentials list user pools (${failed.code}).`
    : sourceSentence({ ...SOME, region }, failed);
}
