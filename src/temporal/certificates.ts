import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ClientConfigTLS, ConfigDataSource } from "@temporalio/envconfig";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { Parsed } from "../domain/migration.ts";

/** Read before they are used: of a file that is no certificate the connection says only that there is none. */

interface Kind {
  name: string;
  /** Begins the settings of it. */
  setting: string;
}
const CERTIFICATE: Kind = { name: "client certificate", setting: "TEMPORAL_TLS_CLIENT_CERT" };
const KEY: Kind = { name: "client key", setting: "TEMPORAL_TLS_CLIENT_KEY" };
const AUTHORITY: Kind = { name: "server's CA certificate", setting: "TEMPORAL_TLS_SERVER_CA_CERT" };

/** The same settings with what their files hold. */
export function readCertificates(tls: ClientConfigTLS): Parsed<ClientConfigTLS> {
  if (tls.disabled) return { ok: true, value: tls };
  const { clientCert, clientKey, serverCACert, ...others } = tls;
  const certificate = read(CERTIFICATE, clientCert, (pem) => new X509Certificate(pem));
  if (!certificate.ok) return certificate;
  const key = read<KeyObject>(KEY, clientKey, (pem) => createPrivateKey(pem));
  if (!key.ok) return key;
  const authority = read(AUTHORITY, serverCACert, (pem) => new X509Certificate(pem));
  if (!authority.ok) return authority;
  if (certificate.value === null && key.value !== null) return lacking(KEY, CERTIFICATE);
  if (certificate.value !== null && key.value === null) return lacking(CERTIFICATE, KEY);
  if (certificate.value !== null && key.value !== null)
    if (!certificate.value.parsed.checkPrivateKey(key.value.parsed))
      return refused(
        `The client certificate and the client key of Temporal's settings do not belong together; check ${CERTIFICATE.setting}_PATH, ${KEY.setting}_PATH and the profile file.`,
      );
  const value: ClientConfigTLS = { ...others };
  if (certificate.value !== null) value.clientCert = { data: certificate.value.pem };
  if (key.value !== null) value.clientKey = { data: key.value.pem };
  if (authority.value !== null) value.serverCACert = { data: authority.value.pem };
  return { ok: true, value };
}

interface Pem<T> {
  pem: Buffer;
  parsed: T;
}

function read<T>(
  kind: Kind,
  source: ConfigDataSource | undefined,
  parse: (pem: Buffer) => T,
): Parsed<Pem<T> | null> {
  if (source === undefined) return { ok: true, value: null };
  const named = "path" in source ? ` ${source.path}` : "";
  const what = `The ${kind.name}${named} of Temporal's settings`;
  const mend = `check ${kind.setting}_${"path" in source ? "PATH" : "DATA"} and the profile file`;
  let pem: Buffer;
  try {
    pem = "path" in source ? readFileSync(source.path) : Buffer.from(source.data);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    return refused(`${what} cannot be read: ${fileTrouble(code)}; ${mend}.`);
  }
  try {
    if (pem.includes("-----BEGIN ")) return { ok: true, value: { pem, parsed: parse(pem) } };
  } catch {
    // What Node says of it is about its bytes.
  }
  const wanted = kind === KEY ? "key in PEM, without a passphrase" : "certificate in PEM";
  return refused(`${what} is no ${wanted}; ${mend}.`);
}

function lacking(there: Kind, missing: Kind): Parsed<never> {
  return refused(
    `Temporal's settings name a ${there.name} and no ${missing.name}: set ${missing.setting}_PATH, too.`,
  );
}

function refused(sentence: string): Parsed<never> {
  return { ok: false, sentence };
}
