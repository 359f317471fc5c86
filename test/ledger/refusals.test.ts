import { expect, test } from "vitest";
import { LedgerError, translateLedgerError } from "../../src/ledger/errors.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { probeLedger } from "../../src/ledger/probe.ts";
import { freshPostgres } from "./ledgers.ts";

const PASSWORD = "pass-of-nobody";

function changed(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

test("a PostgreSQL that lets nobody in says why, and holds no password", async () => {
  const { url } = await freshPostgres();
  const rows: [string, RegExp][] = [
    [changed(url, (to) => (to.password = PASSWORD)), /refuses the user or the password/],
    [changed(url, (to) => (to.pathname = "/nowhere")), /has no database of the name in SPILLWAY_LEDGER/],
    [changed(url, (to) => to.searchParams.set("sslmode", "verify-full")), /speaks no TLS/],
  ];
  for (const [to, why] of rows) {
    const opened = await openLedger(to).catch((error: unknown) => error);
    expect(opened).toMatchObject({ problem: "ledger_unreachable", message: expect.stringMatching(why) });
    const probed = await probeLedger(to);
    expect(probed).toEqual({ ok: false, sentence: expect.stringMatching(why) });
    expect(JSON.stringify(probed)).not.toContain(PASSWORD);
  }
});

test.each([
  [
    { code: "28000" },
    'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption',
    /without TLS; put \?sslmode=/,
  ],
  [{ code: "28000" }, 'pg_hba.conf rejects connection for host "10.0.0.1", SSL off', /without TLS/],
  [
    { code: "28000" },
    'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", SSL encryption',
    /does not let this user in/,
  ],
  [{ code: "28000" }, 'role "a" does not exist', /does not let this user in/],
  [{ code: "53300" }, "sorry, too many clients already", /no connection left/],
  [
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    "self-signed certificate",
    /certificate.*DEPTH_ZERO_SELF_SIGNED_CERT/,
  ],
  [
    { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    "Hostname/IP does not match",
    /certificate.*ERR_TLS_CERT_ALTNAME_INVALID/,
  ],
  [{ code: "CERT_HAS_EXPIRED" }, "certificate has expired", /certificate.*CERT_HAS_EXPIRED/],
  [{}, "SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string", /SPILLWAY_LEDGER has none/],
  [{}, "There was an error establishing an SSL connection", /TLS/],
  [{ code: "ERR_INVALID_URL" }, "Invalid URL", /no address.*%2F/],
  [{ code: "ECONNREFUSED" }, "connect ECONNREFUSED", /does not answer/],
])("PostgreSQL's %o, %s, is told as what it is", (properties, message, sentence) => {
  const told = translateLedgerError(Object.assign(new Error(message), properties));
  if (!(told instanceof LedgerError)) throw new Error("It is not told.");
  expect(told.problem).toBe("ledger_unreachable");
  expect(told.message).toMatch(sentence);
  expect(told.message).toMatch(/^The ledger[^\n]+\.$/);
});
