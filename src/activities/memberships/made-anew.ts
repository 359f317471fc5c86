import type { Answer } from "../../destinations/destination.ts";
import { type Call, callFor, type Item, type Outcome, type Sender } from "../../destinations/sending.ts";
import { type Memberships, USER_OR_ORGANIZATION_MISSING } from "../../destinations/structure.ts";
import type { MembershipRecord } from "../../domain/records.ts";
import { CALLS_PER_LOOK, type StandingOrganization } from "../fan-out/look-again.ts";
import { outcomeOf } from "../fan-out/outcome-of.ts";

/** A membership, and its organization in the file's words. */
export interface PlacedMembership extends MembershipRecord {
  organization: string;
}

type LookAgain = (
  organization: StandingOrganization,
  beforeEach: () => Promise<void>,
) => Promise<Answer<string | null>>;

/**
 * Memberships that are refused because something is missing have their organization looked up again, once in a batch:
 * one that was deleted and made anew takes them under its new id. It is often the person who is missing.
 */
export function untilMadeAnew(memberships: Memberships, lookAgain: LookAgain): Sender<PlacedMembership> {
  const { itemsPerCall, callsInFlight, outlivesCallerMs, maxCalls } = memberships;
  const lookUps = new Map<string, Promise<Answer<string | null>>>();
  /** By organization. */
  const madeAnew = new Map<string, string>();

  const look = (standing: StandingOrganization, call: Call) => {
    const before = lookUps.get(standing.key);
    if (before !== undefined) return before;
    const answer = lookAgain(standing, () => call.read());
    lookUps.set(standing.key, answer);
    return answer;
  };

  async function judged(item: Item<PlacedMembership>, outcome: Outcome, call: Call): Promise<Outcome> {
    if (outcome.kind !== "rejected" || outcome.code !== USER_OR_ORGANIZATION_MISSING) return outcome;
    const { organization, organizationId } = item.record;
    const answer = await look({ key: organization, id: organizationId }, call);
    if (!answer.ok) {
      lookUps.delete(organization);
      return outcomeOf(answer);
    }
    if (answer.value === null || answer.value === organizationId) return outcome;
    madeAnew.set(organization, answer.value);
    return { kind: "not_sent" };
  }

  return {
    itemsPerCall,
    callsInFlight,
    ...(outlivesCallerMs === undefined ? {} : { outlivesCallerMs }),
    maxCalls: maxCalls + CALLS_PER_LOOK * itemsPerCall,
    async send(items, call) {
      const sent = items.map((item) => currentOf(item, madeAnew));
      const outcomes = await memberships.send(sent, callFor(call, sent, items));
      const ends: Outcome[] = [];
      for (const [index, outcome] of outcomes.entries()) {
        const item = sent[index];
        ends.push(item === undefined ? outcome : await judged(item, outcome, call));
      }
      return ends;
    },
  };
}

function currentOf(
  item: Item<PlacedMembership>,
  madeAnew: ReadonlyMap<string, string>,
): Item<PlacedMembership> {
  const organizationId = madeAnew.get(item.record.organization);
  return organizationId === undefined ? item : { ...item, record: { ...item.record, organizationId } };
}
