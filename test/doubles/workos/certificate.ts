import { type KeyObject, sign } from "node:crypto";

/** X.509 certificates (RFC 5280), in DER: Node reads them, and does not make them. */

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const NULL = 0x05;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BOOLEAN = 0x01;
const OCTET_STRING = 0x04;
/** Context-specific: of the certificate its version and its extensions, of a name one of DNS. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;

const SHA256_WITH_RSA = Buffer.from("2a864886f70d01010b", "hex");
const COMMON_NAME = Buffer.from("550403", "hex");
const ALTERNATIVE_NAME = Buffer.from("551d11", "hex");
const BASIC_CONSTRAINTS = Buffer.from("551d13", "hex");
/** RFC 5280, 4.1.2.5: a certificate without a well-known end. */
const NO_END = "99991231235959Z";

interface Signer {
  name: string;
  privateKey: KeyObject;
}

/** Version 1, which Node's TLS takes. */
export function selfSigned(name: string, publicKey: KeyObject, privateKey: KeyObject): Buffer {
  return certificate(name, publicKey, { name, privateKey }, []);
}

/** Version 3, which stricter ones want: of a certificate authority, or of a host or a client. */
export function signedBy(
  signer: Signer,
  name: string,
  publicKey: KeyObject,
  kind: "authority" | "host",
): Buffer {
  const isAuthority = kind === "authority" ? [der(BOOLEAN, Buffer.from([0xff]))] : [];
  return certificate(name, publicKey, signer, [
    extension(BASIC_CONSTRAINTS, der(SEQUENCE, ...isAuthority)),
    extension(ALTERNATIVE_NAME, der(SEQUENCE, der(DNS_NAME, Buffer.from(name)))),
  ]);
}

function certificate(
  name: string,
  publicKey: KeyObject,
  { name: signerName, privateKey }: Signer,
  extensions: readonly Buffer[],
): Buffer {
  const algorithm = der(SEQUENCE, der(OBJECT_ID, SHA256_WITH_RSA), der(NULL));
  const validity = der(SEQUENCE, time("20200101000000Z"), time(NO_END));
  const serial = der(INTEGER, Buffer.from([1]));
  const key = publicKey.export({ type: "spki", format: "der" });
  const parts = [serial, algorithm, named(signerName), validity, named(name), key];
  const body =
    extensions.length === 0
      ? der(SEQUENCE, ...parts)
      : der(
          SEQUENCE,
          der(VERSION, der(INTEGER, Buffer.from([2]))),
          ...parts,
          der(EXTENSIONS, der(SEQUENCE, ...extensions)),
        );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]);
  return der(SEQUENCE, body, algorithm, der(BIT_STRING, signature));
}

function named(name: string): Buffer {
  const commonName = der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, Buffer.from(name)));
  return der(SEQUENCE, der(SET, commonName));
}

const extension = (id: Buffer, value: Buffer) => der(SEQUENCE, der(OBJECT_ID, id), der(OCTET_STRING, value));
const time = (text: string) => der(GENERALIZED_TIME, Buffer.from(text));

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Below 128 in one byte; else the number of its bytes first. */
function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(length < 256 ? 2 : 4, "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
}
