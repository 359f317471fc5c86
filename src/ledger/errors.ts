import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { refusalOf } from "./refusals.ts";

/** What can be wrong with the ledger itself, as opposed to what it holds. */
export type LedgerProblem =
  | "ledger_busy"
  | "ledger_slow"
  | "ledger_full"
  | "ledger_not_writable"
  /** Others could read it. Found out when it is opened. */
  | "ledger_exposed"
  | "ledger_unreachable"
  | "ledger_unsuitable"
  | "ledger_newer"
  | "ledger_broken"
  | "ledger_ended"
  | "ledger_stuck";

export class LedgerError extends Error {
  readonly problem: LedgerProblem;

  constructor(problem: LedgerProblem, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.name = "LedgerError";
    this.problem = problem;
  }
}

/** The claim belongs to a later attempt by now: whoever sees this stops at once and is tried again. */
export class FencedError extends Error {
  constructor() {
    super("A later attempt has taken over.");
    this.name = "FencedError";
  }
}

/** The code of an error that says so. */
export const EXPOSED = "SPILLWAY_EXPOSED";

/** SQLite's primary result codes (sqlite.org/rescode.html); the low byte of an extended code. */
const SQLITE: Record<number, LedgerProblem> = {
  5: "ledger_busy",
  6: "ledger_busy",
  8: "ledger_not_writable",
  10: "ledger_broken",
  11: "ledger_broken",
  13: "ledger_full",
  14: "ledger_not_writable",
  26: "ledger_broken",
};

/** PostgreSQL's SQLSTATE classes and codes (appendix A of its manual). */
function postgresProblem(code: string): LedgerProblem | undefined {
  if (["40001", "40P01", "55P03"].includes(code)) return "ledger_busy";
  // Waiting for a lock has a shorter limit of its own: what reaches this one is slow by itself.
  if (code === "57014") return "ledger_slow";
  if (code === "53100") return "ledger_full";
  if (code === "25006" || code === "42501") return "ledger_not_writable";
  // The server ended a transaction in which nothing was asked for too long.
  if (code === "25P03" || code === "25P04") return "ledger_unreachable";
  if (code === "58030" || code.startsWith("XX00")) return code === "XX000" ? undefined : "ledger_broken";
  if (code.startsWith("08") || code.startsWith("57P") || code.startsWith("53")) return "ledger_unreachable";
  return undefined;
}

const SOCKET_CODES = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH"];
const FILE_CODES = [
  "EACCES",
  "ENOENT",
  "EROFS",
  "EISDIR",
  "ENOTDIR",
  "EPERM",
  "ELOOP",
  "ENAMETOOLONG",
  "ENXIO",
];
/** What pg says on a connection that ended, without a code. */
const LOST_CONNECTION = /^Connection terminated|^Client (has encountered|was closed)|is not queryable$/;
/** All connections of this process are in use: whoever has them hears what they wait for. */
const NO_FREE_CONNECTION = "timeout exceeded when trying to connect";

const SENTENCES: Record<LedgerProblem, string> = {
  ledger_busy: "The ledger is locked by another program.",
  ledger_slow: "The ledger's PostgreSQL ended a statement that took too long; look at its load and its disk.",
  ledger_full: "The ledger has no room left; make room on its disk.",
  ledger_not_writable:
    "The ledger cannot be written; check the path in SPILLWAY_LEDGER, and the permissions of the file and its folder.",
  ledger_exposed:
    "The ledger's files are open to others and not this user's to close; give them mode 0600 and to this user, on a file system that keeps modes.",
  ledger_unreachable: "The ledger's PostgreSQL does not answer; check SPILLWAY_LEDGER and the server.",
  ledger_unsuitable:
    "The ledger's PostgreSQL refuses a setting that Spillway needs; connect to the server itself, without a pooler.",
  ledger_newer: "The ledger was made by a newer Spillway; use that version.",
  ledger_broken:
    "The ledger is damaged, is no Spillway ledger, or its disk fails; check SPILLWAY_LEDGER and the disk.",
  ledger_ended: "The ledger's thread ended; start the program again.",
  ledger_stuck: "The ledger's disk does not answer; mend it and start the program again.",
};

export function ledgerError(problem: LedgerProblem, cause?: unknown): LedgerError {
  const refusal = problem === "ledger_unreachable" ? refusalOf(cause) : null;
  if (refusal !== null) return new LedgerError(problem, refusal, cause);
  const code = problem === "ledger_not_writable" ? systemCodeOf(cause) : null;
  if (code === null) return new LedgerError(problem, SENTENCES[problem], cause);
  const sentence = `The ledger cannot be written: ${fileTrouble(code)}; check SPILLWAY_LEDGER.`;
  return new LedgerError(problem, sentence, cause);
}

/** The one place that reads database errors; what it does not know stays as it was. */
export function translateLedgerError(error: unknown): unknown {
  if (error instanceof LedgerError || error instanceof FencedError) return error;
  const problem = problemOf(error);
  return problem === undefined ? error : ledgerError(problem, error);
}

/** Whether PostgreSQL refused a row because one with the same key stands (unique_violation). */
export function isThereAlready(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

function problemOf(error: unknown): LedgerProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0]);
  if ("errcode" in error && typeof error.errcode === "number") return SQLITE[error.errcode & 0xff];
  if (refusalOf(error) !== null) return "ledger_unreachable";
  if ("code" in error && typeof error.code === "string") {
    if (error.code === EXPOSED) return "ledger_exposed";
    if (error.code === "ENOSPC") return "ledger_full";
    if (SOCKET_CODES.includes(error.code)) return "ledger_unreachable";
    if (FILE_CODES.includes(error.code)) return "ledger_not_writable";
    return postgresProblem(error.code);
  }
  if (error.message === NO_FREE_CONNECTION) return "ledger_busy";
  return LOST_CONNECTION.test(error.message) ? "ledger_unreachable" : undefined;
}
