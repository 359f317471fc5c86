import { expect, test } from "vitest";
import { type Draft, finding, sentenceOf } from "../../src/domain/findings.ts";
import { LedgerError, translateLedgerError } from "../../src/ledger/errors.ts";
import { countFailure, forgetFailures } from "../../src/ledger/failures.ts";
import { readFindings, replaceFindings } from "../../src/ledger/findings.ts";
import { CODES, SAMPLES } from "../domain/samples.ts";
import { testOnBoth } from "./ledgers.ts";

const FAILURE = { migrationId: 1, activity: "plan", signature: "TypeError", detail: "first" };

testOnBoth("failures are counted by activity and signature", async ({ open }) => {
  const ledger = await open();
  const count = (change: Partial<typeof FAILURE> = {}) =>
    ledger.write((tx) => countFailure(tx, { ...FAILURE, ...change }));
  expect([await count(), await count({ detail: "second" })]).toEqual([1, 2]);
  expect(await count({ activity: "snapshot" })).toBe(1);
  expect(await count({ signature: "RangeError" })).toBe(1);
  expect(await count({ migrationId: 2 })).toBe(1);
  await ledger.write((tx) => forgetFailures(tx, 1));
  expect([await count(), await count({ migrationId: 2 })]).toEqual([1, 2]);
});

testOnBoth("findings of a phase replace its earlier ones", async ({ open }) => {
  const ledger = await open();
  const replace = (phase: string, drafts: Draft[]) =>
    ledger.write((tx) => replaceFindings(tx, 1, 1, phase, drafts));
  const read = () => ledger.read((db) => readFindings(db, 1));
  const gone = (group: string) => finding("group_gone", { group });
  await replace("assess", [gone("b"), gone("a")]);
  await replace("plan", [gone("c")]);
  await replace("assess", [gone("d")]);
  const row = { severity: "warning", code: "group_gone" };
  expect(await read()).toEqual([
    { phase: "assess", ...row, subject: "d", sentence: sentenceOf(gone("d")) },
    { phase: "plan", ...row, subject: "c", sentence: sentenceOf(gone("c")) },
  ]);
  await replace("plan", []);
  expect(await read()).toHaveLength(1);
});

testOnBoth("one thing may have several problems of each kind, and any number of them", async ({ open }) => {
  const ledger = await open();
  const drafts = CODES.flatMap((code) => {
    const draft = finding(code, SAMPLES[code]);
    return [draft, { ...draft, what: `Once more: ${draft.what}` }, draft];
  });
  const many = Array.from({ length: 100 }, () => drafts).flat();
  await ledger.write((tx) => replaceFindings(tx, 1, 1, "assess", many));
  const rows = await ledger.read((db) => readFindings(db, 1));
  expect(rows).toHaveLength(CODES.length * 300);
  for (const code of CODES) {
    const own = rows.filter((row) => row.code === code);
    expect(own).toHaveLength(300);
    expect(new Set(own.map(({ subject }) => subject)).size).toBe(1);
    expect(new Set(own.map(({ sentence }) => sentence)).size).toBe(2);
  }
});

test.each([
  [{ errcode: 5 }, "ledger_busy"],
  [{ errcode: 517 }, "ledger_busy"],
  [{ errcode: 13 }, "ledger_full"],
  [{ errcode: 8 }, "ledger_not_writable"],
  [{ errcode: 11 }, "ledger_broken"],
  [{ code: "40P01" }, "ledger_busy"],
  [{ code: "57014" }, "ledger_slow"],
  [{ code: "55P03" }, "ledger_busy"],
  [{ code: "53100" }, "ledger_full"],
  [{ code: "53300" }, "ledger_unreachable"],
  [{ code: "57P01" }, "ledger_unreachable"],
  [{ code: "28P01" }, "ledger_unreachable"],
  [{ code: "42501" }, "ledger_not_writable"],
  [{ code: "ECONNREFUSED" }, "ledger_unreachable"],
  [{ code: "ENOSPC" }, "ledger_full"],
])("a database's %o is %s", (properties, problem) => {
  const translated = translateLedgerError(Object.assign(new Error("In other words."), properties));
  expect(translated).toBeInstanceOf(LedgerError);
  expect(translated).toMatchObject({ problem });
});

test("what is no matter of the ledger stays", () => {
  const error = Object.assign(new Error("A mistake of ours."), { code: "23505" });
  expect(translateLedgerError(error)).toBe(error);
  expect(translateLedgerError("text")).toBe("text");
});
