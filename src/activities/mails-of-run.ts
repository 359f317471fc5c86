import type { MailsOfRun, ReasonCount, RunRef } from "../domain/contract.ts";
import { LEDGER_TIMEOUT_MS, type Pulse } from "../engine/heartbeat.ts";
import { cursorId } from "../engine/steps.ts";
import { Tally } from "../engine/tally.ts";
import { type Counters, readCursor } from "../ledger/cursors.ts";
import { readFindings } from "../ledger/findings.ts";
import { endedByCode } from "../ledger/queue-endings.ts";
import { lastOrdinal } from "../ledger/queue-questions.ts";
import { MAILED_BEFORE, PLAN_WALK } from "../plan/counters.ts";
import type { Deps } from "./deps.ts";
import { MAILED, MERGED } from "./plan/decide-users.ts";
import { UNSETTLED } from "./resets/mailing.ts";
import { NO_RESET_PREFIX } from "./resets/plan-resets.ts";

/** Keeps every statement short. */
const SLICE_ITEMS = 5_000;

const FAILED = "failed:";
const HELD_BACK = "held_back:";

/** How the mails of this run ended: by the queue, and by the walk that filled it. */
export async function mailsOfRun({ ledger }: Deps, run: RunRef, pulse: Pulse): Promise<MailsOfRun> {
  const { counters } = await readCursor(ledger, cursorId(run, "resets"));
  const planned = await readCursor(ledger, cursorId(run, PLAN_WALK));
  const last = await ledger.read((db) => lastOrdinal(db, run, "resets"));
  const tally = new Tally({});
  for (let from = 1; from <= last; from += SLICE_ITEMS) {
    const range = { from, to: from + SLICE_ITEMS - 1 };
    const ended = await pulse.during(LEDGER_TIMEOUT_MS, () =>
      ledger.read((db) => endedByCode(db, run, "resets", range)),
    );
    for (const { state, code, items } of ended) {
      if (state === "failed") tally.add(`${FAILED}${code}`, items);
      else if (state === "skipped" && code !== UNSETTLED.reason) tally.add(`${HELD_BACK}${code}`, items);
      else tally.add(state, items);
    }
  }
  const findings = await ledger.read((db) => readFindings(db, run.migrationId));
  const goByEarlier = findings.some(({ code }) => code === "mails_approved_earlier");
  return {
    mailed: tally.get("done"),
    unsettled: tally.get("skipped"),
    failed: reasonsOf(tally, FAILED),
    heldBack: reasonsOf(tally, HELD_BACK),
    // The campaign walks people with accounts of their own.
    ...notDue({ ...counters, [MERGED_KEY]: planned.counters[MERGED_KEY] ?? 0 }),
    ...(goByEarlier && { approvedEarlier: true }),
  };
}

const MERGED_KEY = `${NO_RESET_PREFIX}${MERGED}`;

/** Whom a run would mail, as far as a dry run can know. */
export async function mailsOfDryRun({ ledger }: Deps, run: RunRef): Promise<MailsOfRun> {
  const { counters } = await readCursor(ledger, cursorId(run, PLAN_WALK));
  const mailed = new Tally(counters).get(MAILED);
  return { mailed, unsettled: 0, failed: [], heldBack: [], ...notDue(counters) };
}

function notDue(counters: Counters): Pick<MailsOfRun, "notDue" | "before"> {
  const tally = new Tally(counters);
  return { notDue: reasonsOf(tally, NO_RESET_PREFIX), before: tally.get(MAILED_BEFORE) };
}

/** Most frequent first. */
function reasonsOf(tally: Tally, prefix: string): ReasonCount[] {
  const all = tally.withPrefix(prefix).map(([reason, people]) => ({ reason, people }));
  const counts = all.filter(({ people }) => people > 0);
  return counts.sort((a, b) => b.people - a.people || (a.reason < b.reason ? -1 : 1));
}
