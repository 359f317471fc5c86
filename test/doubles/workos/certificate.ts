import { type KeyObject, sign } from "node:crypto";

/** A certificate that a key signs for itself, which Node reads but does not make: X.509 v1 (RFC 5280), in DER. */

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const NULL = 0x05;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;

const SHA256_WITH_RSA = Buffer.from("2a864886f70d01010b", "hex");
const COMMON_NAME = Buffer.from("550403", "hex");
/** RFC 5280, 4.1.2.5: a certificate without a well-known end. */
const NO_END = "99991231235959Z";

export function selfSigned(name: string, publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const algorithm = der(SEQUENCE, der(OBJECT_ID, SHA256_WITH_RSA), der(NULL));
  const commonName = der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, Buffer.from(name)));
  const subject = der(SEQUENCE, der(SET, commonName));
  const validity = der(SEQUENCE, time("20200101000000Z"), time(NO_END));
  const serial = der(INTEGER, Buffer.from([1]));
  const key = publicKey.export({ type: "spki", format: "der" });
  const body = der(SEQUENCE, serial, algorithm, subject, validity, subject, key);
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]);
  return der(SEQUENCE, body, algorithm, der(BIT_STRING, signature));
}

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
