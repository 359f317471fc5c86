import { Argument, type Command } from "commander";
import { VENDORS } from "../destinations/registry.ts";
import { REPORT_FILES } from "../report/file-names.ts";

/**
 * Every command with its words and its help. What does a command's work is imported when it is called: neither help nor
 * a mistake waits for it, and no command for the code of another.
 */

const POOL_OPTION = ["--pool <pool>", "the user pool, where the ledger knows several"] as const;
const ENVIRONMENT_OPTION = [
  "--environment <id>",
  `the destination's environment (${VENDORS.map(({ name, environmentIs }) => `${name}: ${environmentIs}`).join(", ")}), where a pool went to several`,
] as const;
const FORCE_OPTION = [
  "--force",
  "print it where standard output is not a terminal, too: a file or a log may keep it",
] as const;
const CONFIRM_OPTION = [
  "--confirm <pool>",
  "the pool's id once more, where there is no terminal to ask at",
] as const;

const WORKFLOW_OPTION = ["--workflow-id <id>", "the run's workflow id, instead of the pool"] as const;
const YES_OPTION = ["--yes", "do not ask"] as const;
const JSON_OPTION = ["--json", "print the run's answer as JSON"] as const;

const SHELLS = ["bash", "zsh", "fish"] as const;

export function defineCommands(program: Command): void {
  program
    .command("init")
    .description(
      "Asks what a migration file needs, with what the pool has to choose from, and writes the file. Overwrites none.",
    )
    .argument("[file]", "the migration file to write", "migration.json")
    .action(async (file) => (await import("./init.ts")).init(file));
  program
    .command("check")
    .description(
      "Checks a migration file, the settings and the access to both sides; changes nothing. Exit code 1 for what a run would stop at.",
    )
    .argument("<file>", "the migration file")
    .option("--offline", "ask neither AWS nor the destination nor Temporal")
    .option("--json", "print JSON")
    .action(async (file, options) => (await import("./check.ts")).check(file, options));
  program
    .command("plan")
    .description(
      "Reads the whole pool and tells what a run of this file would do; writes nothing at the destination. Exit code 2 where a person has to decide first.",
    )
    .argument("<file>", "the migration file")
    .action(async (file) => (await import("./plan.ts")).plan(file));
  program
    .command("decide")
    .description(
      "Asks about accounts that share an address and wait for a person's decision, one group after the other, and writes each answer into the migration file.",
    )
    .argument("<file>", "the migration file")
    .option(...ENVIRONMENT_OPTION)
    .option("--show-addresses", "show e-mail addresses, too: at a terminal only")
    .option("--list", "print what waits, with the lines for the file; ask nothing")
    .option("--json", "print the same as JSON")
    .action(async (file, options) => (await import("./decide.ts")).decide(file, options));
  program
    .command("migrate")
    .description(
      "Migrates from this machine: starts the run or goes on with it, works, and shows progress. Ctrl-C stops here; the same command goes on.",
    )
    .argument("<file>", "the migration file")
    .option("--yes", "do not ask before writing to a live environment")
    .option("--restart", "cancel the pool's run that is under way, and begin anew with this file")
    .action(async (file, options) => (await import("./migrate.ts")).migrate(file, options));
  program
    .command("watch")
    .description("Shows the progress of a run until it ends. Ctrl-C stops the watching, not the run.")
    .argument("[pool]", "the user pool")
    .option(...WORKFLOW_OPTION)
    .option("--json", "print where the run stands now as JSON, and end")
    .action(async (pool, options) => (await import("./watch.ts")).watch(pool, options));
  defineSteering(program);
  definePrograms(program);
  program
    .command("report")
    .description(
      `Writes how everything ended, and what is left to do by hand: ${REPORT_FILES.join(", ")}. Also while a run is in progress.`,
    )
    .requiredOption("--out <folder>", "where the files go; made if it is not there")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option("--force", "overwrite what is in the folder, if it is not an earlier report of the same")
    .option("--json", "print the summary as JSON")
    .action(async (options) => (await import("./report.ts")).report(options));
  program
    .command("lookup")
    .description(
      "Tells one person's whole story, or lists what failed. Exit code 1 for somebody who is not known.",
    )
    .argument("[sub]", "the user's sub in Cognito")
    .option(
      "--destination-id <id>",
      "by what the destination calls their account instead, also one that is gone",
    )
    .option("--email", "ask for an e-mail address instead, or read it from standard input")
    .option("--failures", "list the users who failed, and errors that nobody expected")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option("--json", "print JSON")
    .action(async (sub, options) => (await import("./lookup.ts")).lookup(sub, options));
  program
    .command("explain")
    .description(
      "Tells what a code means that Spillway shows, and what to do about it. Without a code, lists them all.",
    )
    .argument("[code]", "the code, for example ledger_restored")
    .option("--json", "print JSON")
    .action(async (code, options) => (await import("./explain.ts")).explain(code, options));
  defineCredentials(
    program
      .command("credentials")
      .description("What a person needs who sets identity providers and app clients up."),
  );
  program
    .command("timeline")
    .description(
      "Tells how many people the sign-in bridge will have moved by which day, and what it has moved so far.",
    )
    .requiredOption("--per-day <share>", "of all people, who sign in on a day: 0.2 for a fifth")
    .requiredOption("--days <days>", "how many days to tell of")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option("--json", "print JSON")
    .action(async (options) => (await import("./timeline.ts")).timeline(options));
  program
    .command("verify")
    .description(
      "Compares what stands at the destination with what was written; writes nothing there. Exit code 1 where it differs.",
    )
    .argument("<pool>", "the user pool")
    .option(...ENVIRONMENT_OPTION)
    .action(async (pool, options) => (await import("./verify.ts")).verify(pool, options));
  program
    .command("redrive")
    .description(
      "Tries again what failed in the newest run, and nothing else, once its cause is mended. Exit code 1 where anything has failed still.",
    )
    .argument("<pool>", "the user pool")
    .option(...ENVIRONMENT_OPTION)
    .option("--yes", "do not ask before writing to a live environment")
    .action(async (pool, options) => (await import("./redrive.ts")).redrive(pool, options));
  program
    .command("undo")
    .description(
      "Takes back what a migration made, and restores what it adopted. Tells first what that is, and asks for the pool's id.",
    )
    .argument("<pool>", "the user pool")
    .option(...ENVIRONMENT_OPTION)
    .option("--signed-in <keep|remove>", "accounts that somebody signed in to since they were made", "keep")
    .option("--dry-run", "tell what an undo takes back, and end")
    .option(...CONFIRM_OPTION)
    .option("--json", "print the plan as JSON; with --dry-run")
    .action(async (pool, options) => (await import("./undo.ts")).undo(pool, options));
  program
    .command("takeover")
    .description(
      "Frees a migration from a run that is gone and cannot be asked (its Temporal server was lost).",
    )
    .argument("<pool>", "the user pool")
    .option("--region <region>", "the pool's region; refused if it is another one")
    .option(...ENVIRONMENT_OPTION)
    .option("--yes", "do not ask")
    .action(async (pool, options) => (await import("./takeover.ts")).takeover(pool, options));
  program
    .command("purge")
    .description(
      "Removes people's personal data from the ledger once a migration is over, and keeps who became which account. Tells first what goes and what can be done afterwards, and asks for the pool's id.",
    )
    .argument("<pool>", "the user pool")
    .option(...ENVIRONMENT_OPTION)
    .option("--older-than <days>", "only if nothing was done for the migration for so many days")
    .option("--id-map", "remove who became which account as well: no run can go on from there")
    .option("--dry-run", "show what would go, and remove nothing")
    .option(...CONFIRM_OPTION)
    .option("--json", "print JSON; asks nothing, so --confirm or --dry-run goes with it")
    .action(async (pool, options) => (await import("./purge.ts")).purge(pool, options));
  program
    .command("completion")
    .description("Prints a script that completes commands, options and codes in a shell.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action(async (shell) => (await import("./completion.ts")).completion(shell, program));
}

/** What works until it is stopped. Each is an entry point of its own as well, and ends the process by itself. */
function definePrograms(program: Command): void {
  program
    .command("worker")
    .description(
      "Works the runs of a Temporal server. Start as many as you like; SIGTERM or Ctrl-C ends one.",
    )
    .action(async () => void (await import("../worker.ts")));
  program
    .command("bridge")
    .description("Serves the sign-in bridge, until SIGTERM or Ctrl-C.")
    .action(async () => void (await import("../bridge.ts")));
}

/** What an operator tells a run. Each is an update of the workflow, or its cancellation. */
function defineSteering(program: Command): void {
  const steering = async () => import("./steer.ts");
  const define = (name: string, description: string, sameAs: string) =>
    program
      .command(name)
      .description(description)
      .argument("[pool]", "the user pool")
      .option(...WORKFLOW_OPTION)
      .option(...JSON_OPTION)
      .addHelpText("after", `\nThe same with the Temporal CLI:\n  ${sameAs}`);
  const update = (name: string, input?: string) =>
    `temporal workflow update execute --workflow-id migrate-POOL --name ${name}${input === undefined ? "" : ` --input '${input}'`}`;
  define(
    "pause",
    "Stops a run where it is: no new call starts, calls in flight finish.",
    update("pause"),
  ).action(async (pool, options) => (await steering()).pause(pool, options));
  define(
    "resume",
    "Lets a run go on after a pause, or after it parked; one that waits looks at once.",
    update("resume", '{"accept": ["CODE"]}'),
  )
    .option(
      "--accept <code>",
      "go on although this is so: a code that the run is parked for; may be given again",
      (code: string, before: string[] = []) => [...before, code],
    )
    .action(async (pool, options) => (await steering()).resume(pool, options));
  define(
    "approve",
    "Lets a run go on with what it waits to be approved. Shows first what that is, and asks.",
    update("approve", '{"step": "resets"}'),
  )
    .option("--step <step>", "what is approved", "resets")
    .option(...YES_OPTION)
    .action(async (pool, options) => (await steering()).approve(pool, options));
  define(
    "pace",
    "Changes how many calls a second a run makes, and tells the pace that it has then.",
    update("setPace", '{"writesPerSecond": 20}'),
  )
    .option("--writes <n>", "writes at the destination")
    .option("--reads <n>", "reads at the destination")
    .option("--calls <n>", "writes and reads together")
    .option("--pages <n>", "pages of the pool")
    .option("--mails <n>", "reset mails")
    .action(async (pool, options) => (await steering()).pace(pool, options));
  define(
    "cancel",
    "Ends a run where it is, for good: what it did stands, and the next run goes on from there. Asks first.",
    "temporal workflow cancel --workflow-id migrate-POOL",
  )
    .option(...YES_OPTION)
    .action(async (pool, options) => (await steering()).cancel(pool, options));
  program
    .command("skip")
    .description("Lets a run go on without an identity provider that it waits for. Asks first.")
    .usage("[options] [pool] <provider>")
    .argument("[pool]", "the user pool; not with --workflow-id")
    .argument("[provider]", "the provider's name in Cognito")
    .option(...WORKFLOW_OPTION)
    .requiredOption("--reason <text>", "why, for the report")
    .option("--works", "it works: somebody signed in with it by hand; it counts as verified")
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      `\nThe same with the Temporal CLI:\n  ${update("skipProvider", '{"name": "PROVIDER", "reason": "why"}')}`,
    )
    .action(async (first, second, options) => (await steering()).skip([first, second], options));
}

function defineCredentials(credentials: Command): void {
  credentials
    .command("status")
    .description("Tells where identity providers and app clients stand; exit code 1 while any is missing.")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option("--json", "print JSON")
    .action(async (options) => (await import("./credentials-status.ts")).status(options));
  credentials
    .command("reveal")
    .description("Shows an identity provider's client id and client secret, as Cognito has them.")
    .argument("<provider>", "the provider's name in Cognito")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option(...FORCE_OPTION)
    .action(async (provider, options) => (await import("./credentials-reveal.ts")).reveal(provider, options));
  credentials
    .command("portal")
    .description("Gives the link at which a provider's connection is set up by hand, in its organization.")
    .argument("<provider>", "the provider's name in Cognito")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option(...FORCE_OPTION)
    .action(async (provider, options) => (await import("./credentials-portal.ts")).portal(provider, options));
}
