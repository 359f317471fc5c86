import type { Pace } from "../domain/contract.ts";
import { WITHOUT_PROVIDER } from "../domain/counterparts.ts";
import { MAX_PER_SECOND } from "../domain/per-second.ts";
import { notWaitedFor, refusedReason } from "../domain/sentence.ts";
import { shellLine } from "../domain/shell-line.ts";
import { runWords, workflowIdOf } from "../domain/workflow-id.ts";
import { FailedError, UsageError } from "../exit.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { confirmOrLeave } from "./confirm.ts";
import { counted, grouped } from "./format.ts";
import { noLiveCounts } from "./live.ts";
import { firstMailsText } from "./news.ts";
import { workerHelp } from "./no-worker.ts";
import { withRun } from "./run-at-server.ts";
import { type RunAnswer, RunFeed, type Standing } from "./run-feed.ts";
import { say, sayJson } from "./say.ts";
import { cancelRun, type RunUnderWay, sendUpdate, underWay } from "./send-update.ts";

/** What operators tell a run, at the server that it is on. */

interface SteerOptions {
  workflowId?: string;
  json?: boolean;
}

interface AskedFirst extends SteerOptions {
  yes?: boolean;
}

export function pause(pool: string | undefined, options: SteerOptions): Promise<void> {
  return steer(pool, options, (run) => sendUpdate<string>(run, "pause"));
}

export function resume(
  pool: string | undefined,
  options: SteerOptions & { accept?: readonly string[] },
): Promise<void> {
  const { accept } = options;
  return steer(pool, options, (run) =>
    sendUpdate<string>(run, "resume", accept === undefined ? undefined : { accept }),
  );
}

/** Mails cannot be taken back: whoever approves them sees first what they approve, unless they said yes to whatever it is. */
export function approve(pool: string | undefined, options: AskedFirst & { step: string }): Promise<void> {
  const { step } = options;
  return steer(pool, options, async (run) => {
    if (!options.yes) {
      const { state, waitsFor, firstMails } = await answerOf(run);
      if (waitsFor?.code !== `approval_${step}`) throw new UsageError(notForApproval(step, state));
      // It ends in what this command is: `watch` shows it there.
      const sentence = waitsFor.sentence.replace(/:$/, ".");
      const columns = columnsOf(process.stdout);
      if (!options.json) say([wrapped(sentence, columns), ...firstMailsText(firstMails)].join("\n"));
      await confirmed("Approve?", options);
    }
    return sendUpdate<string>(run, "approve", { step });
  });
}

function notForApproval(step: string, state: RunAnswer["state"]): string {
  const now =
    state === "Paused" || state === "Blocked"
      ? ` It is ${state}: \`resume\` lets it go on, and then it may ask.`
      : "";
  return `The run does not wait for an approval of "${step}" now.${now}`;
}

/** Names the pool and the provider; the provider alone where the workflow id is given. */
export async function skip(
  names: readonly (string | undefined)[],
  options: AskedFirst & { reason: string; works?: boolean },
): Promise<void> {
  const { reason, works, workflowId } = options;
  const given = names.filter((name) => name !== undefined);
  const [provider, pool] = given.toReversed();
  if (provider === undefined || given.length !== (workflowId === undefined ? 2 : 1))
    throw new UsageError("Name the user pool and the provider; or the provider alone, with --workflow-id.");
  const refused = refusedReason(reason);
  if (refused !== null) throw new UsageError(refused);
  await steer(pool, options, async (run) => {
    if (!options.yes) {
      const missing = (await answerOf(run)).missingProviders.map(({ name }) => name);
      const refusal = notWaitedFor(provider, missing);
      if (refusal !== null) throw new UsageError(refusal);
      await confirmed(
        works
          ? `${provider} counts as verified from then on, and its people come along. Has somebody signed in with it?`
          : `The people of ${provider} come along without it. ${WITHOUT_PROVIDER} Go on without it?`,
        options,
      );
    }
    const input = { name: provider, reason, ...(works === undefined ? {} : { works }) };
    return sendUpdate<string>(run, "skipProvider", input);
  });
}

const PACE_OPTIONS = {
  writes: "writesPerSecond",
  reads: "readsPerSecond",
  calls: "callsPerSecond",
  pages: "pagesPerSecond",
  mails: "resetsPerSecond",
} as const satisfies Record<string, keyof Pace>;

type PaceOption = keyof typeof PACE_OPTIONS;

export async function pace(
  pool: string | undefined,
  options: SteerOptions & Partial<Record<PaceOption, string>>,
): Promise<void> {
  const change = paceOf(pool, options);
  await steer(pool, options, (run) => sendUpdate<Pace>(run, "setPace", change), paceText);
}

function paceOf(
  pool: string | undefined,
  { workflowId, ...options }: Pick<SteerOptions, "workflowId"> & Partial<Record<PaceOption, string>>,
): Partial<Pace> {
  const workflow = workflowId ?? workflowIdOf(pool ?? "POOL");
  const pausing = shellLine(runWords("pause", workflow));
  const names = Object.keys(PACE_OPTIONS) as PaceOption[];
  const given = names.flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[PACE_OPTIONS[name], perSecondOf(name, text, pausing)] as const];
  });
  if (given.length === 0)
    throw new UsageError(`Give pace at least one of ${names.map((name) => `--${name}`).join(", ")}.`);
  return Object.fromEntries(given);
}

function perSecondOf(name: string, text: string, pausing: string): number {
  const perSecond = Number(text);
  if (/^[\d.]+$/.test(text) && perSecond > 0 && perSecond <= MAX_PER_SECOND) return perSecond;
  throw new UsageError(
    `--${name} takes a number a second in plain digits, over 0 and at most ${grouped(MAX_PER_SECOND)}, for example 20; it was given ${text}. To stop: \`${pausing}\``,
  );
}

/** The pace as it is now, and what else bounds it. */
function paceText(now: Pace): string {
  const { writesPerSecond, readsPerSecond, callsPerSecond, pagesPerSecond, resetsPerSecond } = now;
  const head = `At most, a second: ${grouped(writesPerSecond)} writes, ${grouped(readsPerSecond)} reads, ${grouped(callsPerSecond)} calls of both kinds, ${grouped(pagesPerSecond)} pages of the pool, ${counted(resetsPerSecond, "mail")}.`;
  const bounds = [
    ...(writesPerSecond > callsPerSecond ? [`--calls bounds the writes at ${grouped(callsPerSecond)}`] : []),
    ...(readsPerSecond > callsPerSecond ? [`--calls bounds the reads at ${grouped(callsPerSecond)}`] : []),
    ...(resetsPerSecond > writesPerSecond
      ? [`--writes bounds the mails at ${grouped(writesPerSecond)}`]
      : []),
  ];
  return bounds.length === 0 ? head : `${head} ${bounds.join(", and ")}.`;
}

export function cancel(pool: string | undefined, options: AskedFirst): Promise<void> {
  return steer(pool, options, async (run) => {
    const question = `${run.workflowId} ends where it is. What it did stands, and the next run goes on from there. Cancel it?`;
    await confirmed(question, options);
    await cancelRun(run);
    const { kind } = await standingOf(run);
    if (kind === "no_worker")
      return `No worker answers: the run is cancelled as soon as one works it. ${workerHelp(run)}`;
    return `It is being cancelled: calls in flight finish. \`${shellLine(runWords("watch", run.workflowId))}\` tells when it has ended.`;
  });
}

/** Throws UsageError for a no, or where nobody can be asked. */
async function confirmed(question: string, { yes, json }: AskedFirst): Promise<void> {
  if (json && !yes) throw new UsageError(`With --json nothing is asked: say yes with --yes. ${question}`);
  await confirmOrLeave(question, yes ?? false);
}

/** What the run tells of itself. Throws FailedError where no worker answers: nothing is sent that nobody was asked about. */
async function answerOf(run: RunUnderWay): Promise<RunAnswer> {
  const standing = await standingOf(run);
  if (standing.kind === "running") return standing.answer;
  throw new FailedError(
    `No worker answers for ${run.workflowId}, so nobody can see what it waits for; nothing was sent. Once one does, give the command again. ${workerHelp(run)}`,
  );
}

async function standingOf({ client, target, workflowId, firstRunId }: RunUnderWay): Promise<Standing> {
  const feed = new RunFeed(client, target.address, workflowId, noLiveCounts, firstRunId);
  return (await feed.look()).standing;
}

async function steer<Answer>(
  pool: string | undefined,
  { workflowId, json }: SteerOptions,
  tell: (run: RunUnderWay) => Promise<Answer>,
  textOf: (answer: Answer) => string = String,
): Promise<void> {
  await withRun({ pool, workflowId }, async (run) => {
    const answer = await tell(await underWay(run));
    if (json) sayJson({ workflowId: run.workflowId, answer });
    else say(wrapped(textOf(answer), columnsOf(process.stdout)));
  });
}
