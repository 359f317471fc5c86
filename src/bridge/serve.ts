import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { endWith, UsageError } from "../exit.ts";
import { findMigrationInForce, isPurged } from "../ledger/runs.ts";
import type { Settings } from "../settings.ts";
import { type Bridge, createBridge } from "./create-bridge.ts";
import { type Certificate, listen, type Patience, stop, urlOf } from "./listen.ts";
import { whyNotServed } from "./settings.ts";

const COPY_RESETS_MS = 10_000;

export interface Serving {
  bridge: Bridge;
  /** With the port that was taken. */
  url: string;
  /** Answers what is under way, and takes nothing new. */
  close(): Promise<void>;
}

/** Serves until it is closed. Throws UsageError or LedgerError for what an operator can mend. */
export async function serveBridge(settings: Settings, patience?: Patience): Promise<Serving> {
  if (!settings.bridge.ok) throw new UsageError(settings.bridge.sentence);
  const own = settings.bridge.value;
  const inClear = whyNotServed(own);
  if (inClear !== null) throw new UsageError(inClear);
  const certificate = own.tls === null ? null : await readCertificate(own.tls);
  const bridge = await createBridge(settings);
  void bridge.context.deps.ledger.ended.then(endWith);
  try {
    const server = await listen(bridge.app, own.address, certificate, patience);
    await warnWithoutRun(bridge);
    const copying = setInterval(() => void bridge.copyResets(), COPY_RESETS_MS);
    void bridge.copyResets();
    return {
      bridge,
      url: urlOf(server, certificate !== null),
      async close() {
        clearInterval(copying);
        await stop(server);
        await bridge.close();
      },
    };
  } catch (error) {
    await bridge.close();
    throw error;
  }
}

/** A ledger that is named wrongly is made, and is as empty as one whose first run has not begun. */
async function warnWithoutRun({ context: { deps, logger } }: Bridge): Promise<void> {
  const { ledger, migration } = deps;
  const found = await ledger.read((db) => findMigrationInForce(db, migration)).catch(() => null);
  if (found === undefined)
    logger.warn(
      { code: "no_migration" },
      "The ledger holds no run of this pool to this environment: nobody can sign in until one has begun. Check SPILLWAY_LEDGER.",
    );
  else if (found !== null && isPurged(found))
    logger.warn(
      { code: "purged" },
      "The personal data of this migration was purged from the ledger: whoever has moved signs in, and nobody is brought over before a run has read the pool again.",
    );
}

async function readCertificate({
  certPath,
  keyPath,
}: {
  certPath: string;
  keyPath: string;
}): Promise<Certificate> {
  const certificate = {
    cert: await readNamed("SPILLWAY_BRIDGE_TLS_CERT", certPath),
    key: await readNamed("SPILLWAY_BRIDGE_TLS_KEY", keyPath),
  };
  try {
    createSecureContext(certificate);
    return certificate;
  } catch {
    throw new UsageError(
      "The files of SPILLWAY_BRIDGE_TLS_CERT and SPILLWAY_BRIDGE_TLS_KEY are no certificate and its own key; give both as PEM, the key without a passphrase.",
    );
  }
}

async function readNamed(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new UsageError(`The file of ${setting} cannot be read: ${fileTrouble(code)}; check its path.`);
  }
}
