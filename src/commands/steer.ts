import type { Pace } from "../domain/contract.ts";
import { UsageError } from "../exit.ts";
import { confirmOrLeave } from "./confirm.ts";
import { grouped } from "./format.ts";
import { noLiveCounts } from "./live.ts";
import { firstMailsText } from "./news.ts";
import { type RunAtServer, withRun } from "./run-at-server.ts";
import { type RunAnswer, RunFeed } from "./run-feed.ts";
import { say, sayJson } from "./say.ts";
import { cancelRun, sendUpdate } from "./send-update.ts";
import { columnsOf, wrapped } from "./wrap.ts";

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

/** Mails cannot be taken back: whoever approves them sees first what they approve. */
export function approve(pool: string | undefined, options: AskedFirst & { step: string }): Promise<void> {
  const { step } = options;
  return steer(pool, options, async (run) => {
    const waits = await waitsOf(run);
    if (waits?.waitsFor?.code === `approval_${step}`) {
      const columns = columnsOf(process.stdout);
      if (!options.json)
        say([wrapped(waits.waitsFor.sentence, columns), ...firstMailsText(waits.firstMails)].join("\n"));
      await confirmed("Approve?", options);
    }
    return sendUpdate<string>(run, "approve", { step });
  });
}

export function skip(
  pool: string | undefined,
  provider: string,
  options: AskedFirst & { reason: string; works?: boolean },
): Promise<void> {
  const { reason, works } = options;
  return steer(pool, options, async (run) => {
    const isMissing = (await waitsOf(run))?.missingProviders.some(({ name }) => name === provider) ?? false;
    // Any other name is refused.
    if (isMissing && !works)
      await confirmed(
        `People who sign in by ${provider} alone will have no way in. Go on without it?`,
        options,
      );
    return sendUpdate<string>(run, "skipProvider", {
      name: provider,
      reason,
      ...(works === undefined ? {} : { works }),
    });
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

export function pace(
  pool: string | undefined,
  options: SteerOptions & Partial<Record<PaceOption, string>>,
): Promise<void> {
  const change = paceOf(options);
  return steer(pool, options, (run) => sendUpdate<Pace>(run, "setPace", change), paceText);
}

function paceOf(options: Partial<Record<PaceOption, string>>): Partial<Pace> {
  const names = Object.keys(PACE_OPTIONS) as PaceOption[];
  const given = names.flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[PACE_OPTIONS[name], perSecondOf(name, text)] as const];
  });
  if (given.length === 0)
    throw new UsageError(`Give pace at least one of ${names.map((name) => `--${name}`).join(", ")}.`);
  return Object.fromEntries(given);
}

function perSecondOf(name: string, text: string): number {
  const perSecond = Number(text);
  if (/^[\d.]+$/.test(text) && perSecond > 0) return perSecond;
  throw new UsageError(
    `--${name} takes a number a second that is over 0, for example 20; it was given ${text}. \`./spillway pause\` stops.`,
  );
}

/** The pace as it is now, and what else bounds it. */
function paceText(now: Pace): string {
  const { writesPerSecond, readsPerSecond, callsPerSecond, pagesPerSecond, resetsPerSecond } = now;
  const head = `At most, a second: ${grouped(writesPerSecond)} writes, ${grouped(readsPerSecond)} reads, ${grouped(callsPerSecond)} calls of both kinds, ${grouped(pagesPerSecond)} pages of the pool, ${grouped(resetsPerSecond)} mails.`;
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
    return "It is being cancelled: calls in flight finish. `./spillway watch` tells when it has ended.";
  });
}

/** Throws UsageError for a no, or where nobody can be asked. */
async function confirmed(question: string, { yes, json }: AskedFirst): Promise<void> {
  if (json && !yes) throw new UsageError(`With --json nothing is asked: say yes with --yes. ${question}`);
  await confirmOrLeave(question, yes ?? false);
}

/** Null where nobody tells: the update itself finds out why. */
async function waitsOf({ client, target, workflowId }: RunAtServer): Promise<RunAnswer | null> {
  const { standing } = await new RunFeed(client, target.address, workflowId, noLiveCounts).look();
  return standing.kind === "running" ? standing.answer : null;
}

async function steer<Answer>(
  pool: string | undefined,
  { workflowId, json }: SteerOptions,
  tell: (run: RunAtServer) => Promise<Answer>,
  textOf: (answer: Answer) => string = String,
): Promise<void> {
  await withRun({ pool, workflowId }, async (run) => {
    const answer = await tell(run);
    if (json) sayJson({ workflowId: run.workflowId, answer });
    else say(wrapped(textOf(answer), columnsOf(process.stdout)));
  });
}
