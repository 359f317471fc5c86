import type { Stranger } from "../../domain/findings/people.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import { mailedAmong } from "../../ledger/mails.ts";
import { listedAmong, type Named, usernamesAfter } from "../../ledger/named-people.ts";
import { namedCanary } from "../../plan/findings/canary.ts";
import { inSmallLetters, mayBeAddress } from "../../plan/normalize.ts";
import type { Concluding } from "./concluding.ts";

/** So many are told with what they may be; the others are counted. */
const MAX_TOLD = 5;
const SLICE_USERNAMES = 5_000;

/** People whom the file names and the newest walk did not list. */
export async function strangers(concluding: Concluding): Promise<Draft[]> {
  const { users, only, passwordResets } = concluding.file;
  const decided = await unlisted(concluding, "users.decisions", Object.keys(users.decisions));
  const first = namedCanary(passwordResets);
  // Whoever had their mail may be gone.
  const { ledger, run } = concluding;
  const mailed = await ledger.read((db) => mailedAmong(db, run.migrationId, first));
  const canary = await unlisted(concluding, "passwordResets.canary", first, mailed);
  const selected = await unlisted(
    concluding,
    "only.subs",
    only !== undefined && "subs" in only ? only.subs : [],
  );
  return [
    ...[decided, canary].filter(({ count }) => count > 0).map((found) => finding("people_unknown", found)),
    ...(selected.count > 0 ? [finding("selection_unknown", selected)] : []),
  ];
}

/** `known` people need not be listed any more. */
async function unlisted(
  concluding: Concluding,
  key: string,
  names: readonly string[],
  known: ReadonlySet<string> = new Set(),
) {
  const listed = await listedOf(concluding, names);
  const unknown = names
    .map((name, index) => ({ name, position: index + 1 }))
    .filter(({ name }) => !listed.has(name) && !known.has(name));
  const told = unknown.slice(0, MAX_TOLD);
  const meant = await whoIsMeant(
    concluding,
    told.map(({ name }) => name),
  );
  const people = told.map(
    ({ name, position }): Stranger => ({
      position,
      name: mayBeAddress(name) ? null : name,
      ...(meant.get(name) ?? { hint: null, sub: null }),
    }),
  );
  return { key, count: unknown.length, strangers: people };
}

function listedOf({ ledger, run }: Concluding, subs: readonly string[]): Promise<Set<string>> {
  return ledger.read((db) => listedAmong(db, run.migrationId, run.generation, subs));
}

type Meant = Pick<Stranger, "hint" | "sub">;

/** Cognito's subs are in small letters; a name may be a username, of which the ledger keeps no index. */
async function whoIsMeant(concluding: Concluding, names: readonly string[]): Promise<Map<string, Meant>> {
  const { ledger, run, pulse } = concluding;
  const meant = new Map<string, Meant>();
  const listed = await listedOf(concluding, names.map(inSmallLetters));
  for (const name of names)
    if (listed.has(inSmallLetters(name))) meant.set(name, { hint: "other_case", sub: inSmallLetters(name) });
  let after: string | null = null;
  while (meant.size < names.length) {
    pulse.throwIfCancelled();
    const from: string | null = after;
    const users: Named[] = await ledger.read((db) =>
      usernamesAfter(db, run.migrationId, run.generation, from, SLICE_USERNAMES),
    );
    const subOf = new Map(users.map(({ sub, username }) => [inSmallLetters(username), sub]));
    for (const name of names) {
      const sub = subOf.get(inSmallLetters(name));
      if (sub !== undefined && !meant.has(name)) meant.set(name, { hint: "username", sub });
    }
    after = users.at(-1)?.sub ?? null;
    if (users.length < SLICE_USERNAMES) break;
  }
  return meant;
}
