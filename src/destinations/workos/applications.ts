import type { ApplicationRecord } from "../credentials.ts";
import type { Attempt, SendOutcome } from "../sending.ts";
import type { Called } from "./called.ts";
import type { CredentialsCalls } from "./credentials-calls.ts";
import type { FoundApplication } from "./credentials-mapping.ts";
import { everyPage } from "./pages.ts";
import {
  type Absence,
  ours,
  outcomeOf,
  READ_KINDS,
  slotsOf,
  type TakeSlot,
  unclear,
  WRITE_KINDS,
} from "./settle.ts";

/** After this long a list is believed to show whatever was made. WorkOS names no time: ours, and generous. */
const VISIBLE_AFTER_MS = 60_000;
/** Most show far sooner. The fan-out asks often enough for the minute to go by in waits of this length. */
const LOOK_AGAIN_MS = 10_000;

const ORGANIZATION_MISSING: Absence = {
  code: "organization_missing",
  message: "WorkOS does not know the organization of the application.",
};

/**
 * WorkOS de-duplicates no application, so the key in its description is looked for first, always. One that is not
 * found and may have been made is waited for; where it appears too late, the younger twin goes.
 */
export async function sendApplication(
  calls: CredentialsCalls,
  record: ApplicationRecord,
  attempt: Attempt,
): Promise<SendOutcome> {
  const slot = slotsOf(attempt.waitForSlot, attempt.signal);
  const all = await everyPage(calls.applications, () => slot(READ_KINDS));
  if (!all.ok) return outcomeOf(all.failure);
  const [kept, ...twins] = all.value
    .filter(({ description }) => holdsKey(description, record.key))
    .sort(byAge);
  if (kept !== undefined) return keepOnly(calls, kept, twins, attempt, slot);

  const ageMs = Math.max(0, Date.now() - attempt.firstClaimedAtMs);
  const leftMs = VISIBLE_AFTER_MS - ageMs;
  if (attempt.inDoubt && leftMs > 0)
    return unclear(
      "not_visible_yet",
      "An earlier try may have made it, and no list shows it.",
      Math.min(leftMs, LOOK_AGAIN_MS),
    );
  await slot(WRITE_KINDS);
  const created = await calls.createApplication(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return afterCreate(created, leftMs > 0);
}

/** The key is all of the description, or its last word: people may write in front of it. */
function holdsKey(description: string, key: string): boolean {
  const text = description.trimEnd();
  return text === key || (text.endsWith(key) && /\s$/.test(text.slice(0, -key.length)));
}

function byAge(a: FoundApplication, b: FoundApplication): number {
  return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}

async function keepOnly(
  calls: CredentialsCalls,
  kept: FoundApplication,
  twins: readonly FoundApplication[],
  attempt: Attempt,
  slot: TakeSlot,
): Promise<SendOutcome> {
  let hadEffect = false;
  for (const twin of twins) {
    await slot(WRITE_KINDS);
    const gone = await calls.removeApplication(twin.id);
    if (!gone.ok) return hadEffect ? twinsLeft(outcomeOf(gone.failure)) : outcomeOf(gone.failure);
    hadEffect = true;
  }
  if (!attempt.inDoubt) return { kind: "already_there", destinationId: kept.id };
  return ours(kept, attempt);
}

/** Throttled or locked out after a removal must not count as "had no effect". */
function twinsLeft(outcome: SendOutcome): SendOutcome {
  if (outcome.kind !== "slow_down" && outcome.kind !== "access_lost") return outcome;
  const retryAfterMs = outcome.kind === "slow_down" ? outcome.retryAfterMs : undefined;
  return unclear("twins_left", "It is there more than once, and not all twins are removed.", retryAfterMs);
}

/** A later create has no first minute to protect it: the next look at the list waits instead. */
function afterCreate(
  { failure }: Extract<Called<unknown>, { ok: false }>,
  inFirstMinute: boolean,
): SendOutcome {
  if (failure.kind === "unknown" && !inFirstMinute)
    return unclear(failure.code, failure.message, VISIBLE_AFTER_MS);
  return outcomeOf(failure, ORGANIZATION_MISSING);
}
