/** What can be wrong with the ledger itself, as opposed to what it holds. */
export type LedgerProblem =
  | "ledger_busy"
  | "ledger_full"
  | "ledger_not_writable"
  | "ledger_unreachable"
  | "ledger_newer"
  | "ledger_broken";

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
  // 57014: the statement timeout, which only a lock of somebody else can reach.
  if (["40001", "40P01", "55P03", "57014"].includes(code)) return "ledger_busy";
  if (code === "53100") return "ledger_full";
  if (code === "25006" || code === "42501") return "ledger_not_writable";
  if (code.startsWith("08") || code.startsWith("57P") || code.startsWith("53")) return "ledger_unreachable";
  if (code.startsWith("28") || code === "3D000") return "ledger_unreachable";
  return undefined;
}

const SOCKET_CODES = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH"];

const SENTENCES: Record<LedgerProblem, string> = {
  ledger_busy: "The ledger is locked by another program.",
  ledger_full: "The ledger has no room left; make room on its disk.",
  ledger_not_writable: "The ledger cannot be written; check the path in SPILLWAY_LEDGER and its permissions.",
  ledger_unreachable: "The ledger's PostgreSQL does not answer; check SPILLWAY_LEDGER and the server.",
  ledger_newer: "The ledger was made by a newer Spillway; use that version.",
  ledger_broken: "The ledger's file is damaged or no Spillway ledger; check the path in SPILLWAY_LEDGER.",
};

/** The one place that reads database errors; what it does not know stays as it was. */
export function translateLedgerError(error: unknown): unknown {
  if (error instanceof LedgerError || error instanceof FencedError) return error;
  const problem = problemOf(error);
  return problem === undefined ? error : new LedgerError(problem, SENTENCES[problem], error);
}

function problemOf(error: unknown): LedgerProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0]);
  if ("errcode" in error && typeof error.errcode === "number") return SQLITE[error.errcode & 0xff];
  if ("code" in error && typeof error.code === "string") {
    if (error.code === "ENOSPC") return "ledger_full";
    if (SOCKET_CODES.includes(error.code)) return "ledger_unreachable";
    if (["EACCES", "ENOENT", "EROFS", "EISDIR", "ENOTDIR", "EPERM"].includes(error.code))
      return "ledger_not_writable";
    return postgresProblem(error.code);
  }
  if (
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered/.test(error.message)
  )
    return "ledger_unreachable";
  return undefined;
}
