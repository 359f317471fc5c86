import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { signedBy } from "../doubles/workos/certificate.ts";

/** Paths of two files in PEM. */
export interface Pair {
  cert: string;
  key: string;
}

export interface Authority {
  /** Path of its own certificate. */
  cert: string;
  /** A certificate that it signs, for a host or for a client. */
  issue(name: string): Pair;
}

/** A certificate authority whose files lie in this folder. */
export function createAuthority(folder: string, authority: string): Authority {
  const own = keys();
  const signer = { name: authority, privateKey: own.privateKey };
  const write = (name: string, certificate: Buffer) => {
    const path = join(folder, `${authority}-${name}.pem`);
    const text = certificate.toString("base64");
    writeFileSync(path, `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    return path;
  };
  return {
    cert: write("ca", signedBy(signer, authority, own.publicKey, "authority")),
    issue(name) {
      const { publicKey, privateKey } = keys();
      const key = join(folder, `${authority}-${name}.key`);
      writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
      return { cert: write(name, signedBy(signer, name, publicKey, "host")), key };
    },
  };
}

function keys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("rsa", { modulusLength: 2_048 });
}
