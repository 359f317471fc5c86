import { generateKeyPairSync } from "node:crypto";
import { selfSigned } from "../workos/certificate.ts";

/** A server's key and certificate, in PEM. Whoever trusts the certificate trusts this server alone. */
export interface Identity {
  key: string;
  certificate: string;
}

/** For the host `name`. */
export function makeIdentity(name: string): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const lines = selfSigned(name, publicKey, privateKey).toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
