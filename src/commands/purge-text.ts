import type { LedgerKind } from "../ledger/ledger.ts";
import { PERSONAL_DATA, type PersonalData, purgedColumns } from "../ledger/personal-data.ts";
import type { PersonalCounts } from "../ledger/purge.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { wrapped } from "../wrap.ts";
import { counted, grouped } from "./format.ts";

/** A purge that is about to be, or was. */
export interface Purging {
  migration: MigrationRow;
  ledgerKind: LedgerKind;
  withIdMap: boolean;
  counts: PersonalCounts;
  /** Organizations that stay, and are named by what may be an address. */
  addressLike: number;
  /** Environments to which other migrations of this ledger brought the same pool. */
  elsewhere: readonly string[];
}

/** What each is, one and many. */
const WORDS: Readonly<Record<PersonalData, readonly [string, string]>> = {
  people: ["person's attributes, user name and address", "people's attributes, user names and addresses"],
  identities: ["identity at a provider", "identities at providers"],
  groupMembers: ["membership of a group of the pool", "memberships of groups of the pool"],
  fingerprints: ["fingerprint of what was planned or written", "fingerprints of what was planned or written"],
  beforeImages: ["account as it was before it was adopted", "accounts as they were before they were adopted"],
  looks: ["look at Cognito before a mail", "looks at Cognito before mails"],
  bridgeAddresses: ["address proven at the bridge", "addresses proven at the bridge"],
  tries: ["count of tries at the bridge", "counts of tries at the bridge"],
  messages: ["message of a vendor", "messages of vendors"],
  findings: ["finding", "findings"],
  errors: ["error that nobody expected", "errors that nobody expected"],
  positions: ["position of a walk", "positions of walks"],
};

/** What would go, and what can be done afterwards. */
export function purgingText(purging: Purging, columns: number): string {
  const { migration, withIdMap } = purging;
  const { userPoolId } = migration.file.source;
  const kept = withIdMap
    ? "Who became which account goes as well, and everything else of this migration but that it was."
    : "It keeps who became which account, how everyone ended, and who was mailed: ids, states and times.";
  return [
    wrapped(`A purge of ${userPoolId} to ${migration.environment} removes from the ledger:`, columns),
    countsText(purging.counts),
    wrapped(kept, columns),
    ...remarks(purging, columns),
    "",
    "Afterwards:",
    afterwardsText(purging, columns),
  ].join("\n");
}

export function purgedText(purging: Purging, purgedAtMs: number, columns: number): string {
  const { migration, ledgerKind, withIdMap } = purging;
  const { userPoolId } = migration.file.source;
  return [
    wrapped(
      `Purged ${userPoolId} to ${migration.environment} on ${new Date(purgedAtMs).toISOString()}. Removed from the ledger:`,
      columns,
    ),
    countsText(purging.counts),
    wrapped(ledgerKind === "sqlite" ? GONE_FROM_FILE : leftInPostgres(withIdMap), columns),
    wrapped(ELSEWHERE, columns),
    ...remarks(purging, columns),
  ].join("\n");
}

/** Of a purge that finds nothing to do: the file was written anew by the one before. */
export function purgedBeforeText(purging: Purging, purgedAtMs: number, columns: number): string {
  const { migration } = purging;
  const what = `${migration.file.source.userPoolId} to ${migration.environment}`;
  return [
    wrapped(
      `${what} was purged on ${new Date(purgedAtMs).toISOString()}, and there is nothing left to remove.`,
      columns,
    ),
    wrapped(ELSEWHERE, columns),
    ...remarks(purging, columns),
  ].join("\n");
}

const GONE_FROM_FILE = "The ledger's file was written anew: the bytes are gone from it and from its log.";
const ELSEWHERE =
  "Reports, logs, back-ups, the file of secrets and Temporal's history are not touched: delete what you do not need.";

function leftInPostgres(withIdMap: boolean): string {
  const tables = [...purgedColumns(withIdMap).keys()].join(", ");
  return `PostgreSQL keeps the bytes of what was deleted until something is written over them: \`vacuum (full) ${tables};\` writes the tables anew, while nothing else uses them. Its write-ahead log, replicas and back-ups hold it for as long as they are kept.`;
}

function countsText(counts: PersonalCounts): string {
  const lines = PERSONAL_DATA.filter((what) => counts[what] > 0).map(
    (what) => `  ${counted(counts[what], ...WORDS[what])}`,
  );
  return lines.length === 0 ? "  nothing: there is none left" : lines.join("\n");
}

function remarks({ addressLike, elsewhere }: Purging, columns: number): string[] {
  const named =
    addressLike === 0
      ? []
      : [
          `${counted(addressLike, "organization has a name", "organizations have names")} that may be an address: names of organizations go with the id map alone.`,
        ];
  const others =
    elsewhere.length === 0
      ? []
      : [
          `The ledger also holds what this pool's migration to ${elsewhere.join(" and ")} knows of the same people: purge that one as well, with --environment.`,
        ];
  return [...named, ...others].map((text) => wrapped(text, columns));
}

/** What each command can still do, by its name. */
export function afterwards({ withIdMap, counts }: Pick<Purging, "withIdMap" | "counts">) {
  if (withIdMap)
    return {
      report: "tells nothing of anybody: write one before",
      lookup: "tells nothing of anybody",
      migrate: "refuses: nobody would know who has an account or was mailed",
      bridge: "lets in whoever has moved, and brings nobody",
    };
  return {
    report: "as before, without attributes and findings",
    lookup: "by sub, not by address",
    verify: "whether accounts and memberships stand, not what is in the accounts",
    undo: `removes what was made${keptAdopted(counts.beforeImages)}`,
    migrate:
      "asks first, since it reads the whole pool again; doubles nobody and mails nobody again; looks at each account, and leaves as it is what differs there",
    bridge: "lets in whoever has moved, and brings nobody before a run has read the pool again",
  };
}

function keptAdopted(accounts: number): string {
  if (accounts === 0) return "";
  return `; ${accounts === 1 ? "the adopted account stays as it is" : `the ${grouped(accounts)} adopted accounts stay as they are`}`;
}

function afterwardsText(purging: Purging, columns: number): string {
  const beside = " ".repeat(NAME_WIDTH);
  return Object.entries(afterwards(purging))
    .map(([name, what]) => `  ${name}`.padEnd(NAME_WIDTH) + wrapped(what, columns, beside).trimStart())
    .join("\n");
}

const NAME_WIDTH = 12;
