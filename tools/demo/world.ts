import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";
import { freePort } from "../../test/setup/free-port.ts";
import { startTemporal } from "../../test/setup/temporal-server.ts";
import { type Child, startAnnounced, startLogged } from "./children.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
export const NAMESPACE = "default";
const OFFLINE = import.meta.resolve("../../test/setup/offline.ts");
/** Of the WorkOS stand-in; with the real limits 2,000 users take a minute. */
export const LIMIT_SCALE = 10;
const WORKOS_OPTIONS = {
  limitScale: LIMIT_SCALE,
  // What the pool's SAML provider answers under its metadata URL.
  samlMetadata: { "https://idp.acme.example/saml/metadata": "https://idp.acme.example/saml/sign-in" },
};

/** Everything that the demo runs against, on this machine only. */
export interface World {
  folder: string;
  pool: Pool;
  temporal: { address: string; ui: string };
  cognitoUrl: string;
  workosUrl: string;
  ledgerUrl: string;
  migrationPath: string;
  /** Where the run keeps the secrets of the applications that it makes. */
  secretsPath: string;
  /** What a worker and every command need to know. */
  settings: Record<string, string>;
  startWorker(): Child;
  stop(): Promise<void>;
}

const announcedCognito = z.object({ url: z.string() });
const announcedWorkos = z.object({ url: z.string(), key: z.string(), clientId: z.string() });

/** What the world is made of. */
export interface WorldWish {
  /** Of the folder: what it is for. */
  name: string;
  pool: Pool;
  file: MigrationFile;
}

export async function startWorld({ name, pool, file }: WorldWish): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), `spillway-${name}-`));
  const poolFile = join(folder, "pool.json");
  await writeFile(poolFile, JSON.stringify(pool));
  const [temporal, cognito, workos] = await Promise.all([
    temporalWithUi(),
    startAnnounced([double("cognito"), "--pool-file", poolFile], cleanEnvironment()),
    startAnnounced([double("workos"), "--options", JSON.stringify(WORKOS_OPTIONS)], cleanEnvironment()),
  ]);
  const { url: cognitoUrl } = announcedCognito.parse(cognito.announced);
  const { url: workosUrl, key, clientId } = announcedWorkos.parse(workos.announced);
  const migrationPath = join(folder, "migration.json");
  await writeFile(migrationPath, `${JSON.stringify(file, null, 2)}\n`);
  const ledgerUrl = `sqlite:${join(folder, "ledger.db")}`;
  const secretsPath = join(folder, "secrets.json");
  // The caller's own may hold an API key.
  const profilePath = join(folder, "temporal.toml");
  await writeFile(profilePath, `[profile.default]\naddress = "${temporal.server.address}"\n`);
  const settings = {
    TEMPORAL_ADDRESS: temporal.server.address,
    TEMPORAL_CONFIG_FILE: profilePath,
    SPILLWAY_LEDGER: ledgerUrl,
    SPILLWAY_SECRETS: `file:${secretsPath}`,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognitoUrl,
    AWS_ACCESS_KEY_ID: "AKIADEMO",
    AWS_SECRET_ACCESS_KEY: "demo",
    WORKOS_API_URL: workosUrl,
    WORKOS_API_KEY: key,
    WORKOS_CLIENT_ID: clientId,
  };
  const workers: Child[] = [];
  return {
    folder,
    pool,
    temporal: { address: temporal.server.address, ui: temporal.ui },
    cognitoUrl,
    workosUrl,
    ledgerUrl,
    migrationPath,
    secretsPath,
    settings,
    startWorker() {
      const log = join(folder, `worker-${workers.length + 1}.log`);
      const program = ["--import", OFFLINE, join(ROOT, "src/worker.ts")];
      const worker = startLogged(program, { ...cleanEnvironment(), ...settings }, log);
      workers.push(worker);
      return worker;
    },
    async stop() {
      const programs = [...workers, cognito.child, workos.child];
      await Promise.all([temporal.server.stop(), ...programs.map((program) => program.kill("SIGKILL"))]);
    },
  };
}

function double(name: string): string {
  return join(ROOT, "test/doubles", name, "main.ts");
}

async function temporalWithUi() {
  const [port, uiPort] = [await freePort(), await freePort()];
  const server = await startTemporal({ port, headless: false, uiPort });
  return { server, ui: `http://127.0.0.1:${uiPort}` };
}

/** Names of what says whose accounts are used, and how: for JavaScript and for awk. */
export const OWN_SETTINGS = "^((AWS|TEMPORAL|SPILLWAY|WORKOS)_[A-Za-z0-9_]*|LOG_LEVEL)$";

/** Nothing of the caller's own accounts may reach the demo. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = new RegExp(OWN_SETTINGS);
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name));
  return Object.fromEntries(kept);
}
