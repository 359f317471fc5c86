import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { selfSigned } from "../doubles/workos/certificate.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

/** The settings of a bridge that speaks TLS as `localhost`, with files of its own. */
export function tlsSettings(): { SPILLWAY_BRIDGE_TLS_CERT: string; SPILLWAY_BRIDGE_TLS_KEY: string } {
  const folder = freshFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const der = selfSigned("localhost", publicKey, privateKey).toString("base64");
  writeFileSync(cert, `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`);
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  return { SPILLWAY_BRIDGE_TLS_CERT: cert, SPILLWAY_BRIDGE_TLS_KEY: key };
}
