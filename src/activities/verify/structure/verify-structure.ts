import type { Holdings } from "../../../destinations/destination.ts";
import type { Blocked } from "../../../domain/contract.ts";
import { type Draft, finding } from "../../../domain/findings.ts";
import type { KnownClient, PoolGroup } from "../../../domain/pool.ts";
import { cursorId } from "../../../engine/steps.ts";
import { Tally } from "../../../engine/tally.ts";
import { readConfiguration } from "../../../ledger/configuration.ts";
import { readCursor } from "../../../ledger/cursors.ts";
import { type Placed, placedAfter } from "../../../ledger/placed.ts";
import { confirmMisses, type Misses, UNREADABLE } from "../confirm-misses.ts";
import { MAX_EXAMPLES } from "../told.ts";
import type { Verifying } from "../verifying.ts";
import { applications } from "./applications.ts";
import type { Compared } from "./compared.ts";
import { connections } from "./connections.ts";
import { DIFFERS, MISSING, STRANGERS, SURPLUS } from "./counters.ts";
import { findById } from "./find-standing.ts";
import { type Identified, listHoldings } from "./list-holdings.ts";
import { organizations } from "./organizations.ts";
import { redirectUris } from "./redirect-uris.ts";
import { roles } from "./roles.ts";
import { exampleOf, knownThings, tellThing } from "./written.ts";

type Verified = { status: "more" } | { status: "complete"; findings: Draft[] };

/** Compares organizations first: what belongs to them is looked for where they stand by then. */
export async function verifyStructure(verifying: Verifying, until: number): Promise<Verified | Blocked> {
  const { ledger, destination, run } = verifying;
  const groups = await ledger.read((db) => readConfiguration<PoolGroup>(db, run.migrationId, "group"));
  const clients = await ledger.read((db) => readConfiguration<KnownClient>(db, run.migrationId, "client"));
  const clientIds = new Set(clients.map(({ id }) => id));
  const kinds = [
    () => verifyKind(verifying, organizations(verifying, groups), until),
    () => verifyKind(verifying, roles(destination), until),
    () => verifyKind(verifying, connections(destination), until),
    () => verifyKind(verifying, redirectUris(destination), until),
    () => verifyKind(verifying, applications(destination, clientIds), until),
  ];
  const findings: Draft[] = [];
  for (const kind of kinds) {
    const verified = await kind();
    if (verified.status !== "complete") return verified;
    findings.push(...verified.findings);
  }
  return { status: "complete", findings };
}

/** Nobody is asked where nothing of the kind was ever made. */
async function verifyKind<Found extends Identified>(
  verifying: Verifying,
  compared: Compared<Found>,
  until: number,
): Promise<Verified | Blocked> {
  const { ledger, run } = verifying;
  const { kind, rows, holdings } = compared;
  const [any] = await ledger.read((db) => placedAfter(db, run.migrationId, kind, "", 1));
  if (any === undefined) return { status: "complete", findings: [] };
  if (holdings === undefined) return { status: "complete", findings: [finding("not_verifiable", { rows })] };
  const walks = [`verify:${kind}`, `verify:${kind}:misses`] as const;
  const walked = await walk(verifying, compared, holdings, walks, until);
  if (typeof walked === "object") return walked;
  if (!walked) return { status: "more" };
  const names = [...walks, ...(compared.parts === undefined ? [] : [compared.parts.name])];
  const ended = await Promise.all(names.map((name) => readCursor(ledger, cursorId(run, name))));
  const tallies = ended.map(({ counters }) => new Tally(counters));
  return { status: "complete", findings: findingsOfKind(compared, tallies) };
}

/** True once all walks have ended. */
async function walk<Found extends Identified>(
  verifying: Verifying,
  compared: Compared<Found>,
  { list }: Holdings<Found>,
  [listing, missing]: readonly [string, string],
  until: number,
): Promise<boolean | Blocked> {
  const listed =
    list === undefined ? { done: true } : await listHoldings(verifying, compared, list, listing, until);
  if ("status" in listed) return listed;
  if (!listed.done) return false;
  const confirmed = await confirmMisses(verifying, missedThings(verifying, compared, missing), until);
  if ("status" in confirmed) return confirmed;
  if (!confirmed.done) return false;
  const parts = await compared.parts?.walk(verifying, until);
  if (parts === undefined) return true;
  return "status" in parts ? parts : parts.done;
}

/** Asked for by the destination's id. */
function missedThings<Found>(verifying: Verifying, compared: Compared<Found>, name: string): Misses<Found> {
  const { kind, whenGone } = compared;
  return {
    kind,
    name,
    whenGone,
    async missOf(placed: Placed) {
      const { key } = placed;
      const known = (await knownThings(verifying, kind, [key])).get(key);
      return {
        example: exampleOf(key),
        find: (operation) => findById(verifying, compared, placed, operation),
        tell(found, told) {
          if (found === null) told.count(MISSING, exampleOf(key));
          else if (known !== undefined) tellThing(compared, found, { ...known, placed }, told);
        },
      };
    },
  };
}

/** What both walks of a kind counted. */
function findingsOfKind(
  { kind, rows }: Pick<Compared<never>, "kind" | "rows">,
  tallies: readonly Tally[],
): Draft[] {
  const counted = (name: string) => ({
    count: tallies.reduce((sum, tally) => sum + tally.get(name), 0),
    examples: tallies.flatMap((tally) => tally.examples(name)).slice(0, MAX_EXAMPLES),
  });
  const missing = counted(MISSING);
  const differing = counted(DIFFERS);
  const surplus = counted(SURPLUS);
  const unreadable = counted(UNREADABLE);
  // Each environment has roles of its own.
  const strangers = kind === "role" ? 0 : counted(STRANGERS).count;
  const gone =
    kind === "organization"
      ? finding("organization_gone", missing)
      : finding("structure_missing", { rows, ...missing });
  return [
    ...(unreadable.count > 0 ? [finding("unreadable_at_destination", { rows, ...unreadable })] : []),
    ...(missing.count > 0 ? [gone] : []),
    ...(differing.count > 0 ? [finding("structure_differs", { rows, ...differing })] : []),
    ...(surplus.count > 0 ? [finding("structure_surplus", { rows, ...surplus })] : []),
    ...(strangers > 0 ? [finding("strangers_at_destination", { rows, count: strangers })] : []),
  ];
}
