/** Codes of Node's TLS errors (Node documentation, "X509 certificate error codes", and OpenSSL's own). */
const TLS_CODE = /^ERR_(SSL|TLS|OSSL)_|CERT|SIGNATURE|CRL|CHAIN|_CA$|PURPOSE|HOSTNAME_MISMATCH/;

/** True for an error of the TLS handshake: the server is not who it should be, or speaks something else. */
export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code);
}
