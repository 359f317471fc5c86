/**
 * Why a PostgreSQL that may well be up lets nobody in: each a sentence of its own, because each is mended elsewhere. None
 * repeats what the server or the address says: a password may stand in it.
 */

const BY_CODE: Readonly<Record<string, string>> = {
  "28P01": "refuses the user or the password; check SPILLWAY_LEDGER.",
  "3D000": "has no database of the name in SPILLWAY_LEDGER; make it, or mend the name.",
  "53300": "has no connection left; end others, or raise its max_connections.",
};

const TLS_ONLY =
  "lets nobody in without TLS; put ?sslmode=verify-full behind the address in SPILLWAY_LEDGER, or mend its pg_hba.conf.";
const NOT_THIS_USER =
  "does not let this user in from here; check the user in SPILLWAY_LEDGER, and the server's pg_hba.conf.";
/** PostgreSQL's words for the connection that its rules do not allow. */
const WITHOUT_TLS = /pg_hba\.conf.*(no encryption|SSL off)/s;

/** What pg says by itself, without a code. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [
    /does not support SSL connections/,
    "speaks no TLS, which SPILLWAY_LEDGER asks for; turn it on there, or mend sslmode in the address.",
  ],
  [
    /establishing an SSL connection/,
    "ended the beginning of TLS; look at its log, and at sslmode in SPILLWAY_LEDGER.",
  ],
  [/client password must be/, "asks for a password, and SPILLWAY_LEDGER has none."],
];

/** Node's and OpenSSL's codes for certificates. */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|ERR_TLS_CERT_|ERR_SSL_)/;

const NO_ADDRESS =
  "is not to be found: SPILLWAY_LEDGER is no address; write signs such as / and @ in its password as %2F and %40.";

/** Null for what is no such refusal. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const why = reasonOf(error.message, "code" in error && typeof error.code === "string" ? error.code : null);
  return why === null ? null : `The ledger's PostgreSQL ${why}`;
}

function reasonOf(message: string, code: string | null): string | null {
  if (code === null) return BY_MESSAGE.find(([words]) => words.test(message))?.[1] ?? null;
  if (code === "ERR_INVALID_URL") return NO_ADDRESS;
  if (code.startsWith("28") && code !== "28P01") return WITHOUT_TLS.test(message) ? TLS_ONLY : NOT_THIS_USER;
  if (CERTIFICATE.test(code))
    return `shows a TLS certificate that is not trusted (${code}); check sslmode and sslrootcert in SPILLWAY_LEDGER.`;
  return BY_CODE[code] ?? null;
}
