import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import { type Ledger, openLedger } from "../src/ledger/ledger.ts";
import { placedAfter } from "../src/ledger/placed.ts";
import { disownMigration } from "../src/ledger/runs.ts";
import { startPostgres } from "../test/setup/postgres-server.ts";
import { type Figure, median } from "./lib/figures.ts";
import { type BenchLedger, freshPostgres, freshSqlite } from "./lib/ledgers.ts";
import { fillSource, listAnew, RUN } from "./million/fill.ts";
import { finishRun } from "./million/finish.ts";
import { writeListing } from "./million/listing.ts";
import { type Measured, measured, type Program, slowestFirst } from "./million/measured.ts";
import { ENVIRONMENT, emailOf, POOL } from "./million/people.ts";

/** What a ledger of many people costs those who work on it and ask it, each as a process of its own. */

export interface MillionOptions {
  users: number;
  ledgers: readonly ("sqlite" | "postgresql")[];
  nodeOptions: readonly string[];
}

const MEBIBYTE = 2 ** 20;
const MAX_STATEMENT_MS = 250;
const LOOK_UPS = 5;
const SHOWN_STATEMENTS = 4;
const SHOWN_CHARACTERS = 300;
const MILLION = 1_000_000;
/**
 * In seconds, for a million people, and as much less for fewer: of processors, one after the other, which is what it takes on
 * a machine with nothing else to do. On a busy one it takes longer by the clock.
 */
const TARGETS = { plan: 180, comparison: 300, report: 180 };
const WORKER_MIB = 350;
const REPORT_MIB = 200;
const LOOK_UP_SECONDS = 1;

/** `npm run worker` to the word, settings first: a bench measures what operators run. */
const WORDS = manifest.scripts.worker.split(" ");
const NODE_AT = WORDS.indexOf("node");
const WORKER_ENVIRONMENT = Object.fromEntries(WORDS.slice(0, NODE_AT).map((word) => word.split("=", 2)));
const WORKER_FLAGS = WORDS.slice(NODE_AT).filter((word) => word.startsWith("--"));

export async function benchMillion({ users, ledgers, nodeOptions }: MillionOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const figures: Figure[] = [];
  for (const kind of ledgers) {
    const at =
      kind === "sqlite"
        ? await freshSqlite()
        : await freshPostgres(stack.adopt(await startPostgres(), (server) => server.stop()).url);
    await using _ = at;
    const folder = await mkdtemp(join(tmpdir(), "spillway-million-"));
    stack.defer(() => rm(folder, { recursive: true }));
    const bench = new Bench(users, at, folder, nodeOptions);
    await bench.run();
    figures.push(...bench.figures.map((figure) => ({ ...figure, name: `${kind}: ${figure.name}` })));
    figures.push({ name: `${kind}: ledger bytes per user`, value: (await at.bytes()) / users });
  }
  return figures;
}

const listingTook = z.object({ listingMs: z.number(), listingCpuMs: z.number() });

interface Taken extends Measured {
  /** Of the ledger's server. */
  serverCpuMs: number;
}

class Bench {
  readonly figures: Figure[] = [];
  readonly #users: number;
  readonly #ledger: BenchLedger;
  readonly #folder: string;
  readonly #nodeOptions: readonly string[];

  constructor(users: number, ledger: BenchLedger, folder: string, nodeOptions: readonly string[]) {
    this.#users = users;
    this.#ledger = ledger;
    this.#folder = folder;
    this.#nodeOptions = nodeOptions;
  }

  async run(): Promise<void> {
    const listing = join(this.#folder, "listing");
    await this.#onLedger("filled", (ledger) => fillSource(ledger, this.#users));
    this.#tell("plan", await this.#work("plan"), { cpuSeconds: TARGETS.plan, mebibytes: WORKER_MIB });
    await this.#onLedger("finished", finishRun);
    await this.#onLedger("listed", (ledger) => writeListing(ledger, listing));
    const verified = await this.#work("verify", listing);
    const { listingMs, listingCpuMs } = listingTook.parse(JSON.parse(verified.output));
    const beyond = {
      ...verified,
      wallMs: verified.wallMs - listingMs,
      cpuMs: verified.cpuMs - listingCpuMs,
    };
    this.#tell("verify beyond the listing", beyond, {
      cpuSeconds: TARGETS.comparison,
      mebibytes: WORKER_MIB,
    });
    const out = ["--out", join(this.#folder, "report")];
    const report = await this.#command(["report", ...out]);
    this.#tell("report", report, { cpuSeconds: TARGETS.report, mebibytes: REPORT_MIB });
    await this.#lookUps();
    this.#tell("undo's plan", await this.#command(["undo", POOL.userPoolId, "--dry-run", "--json"]));
    await this.#onLedger("listed anew", listAnew);
    this.#tell("plan of the next run", await this.#work("plan"), {
      cpuSeconds: TARGETS.plan,
      mebibytes: WORKER_MIB,
    });
    this.#tell("undo's queue", await this.#work("undo"), { mebibytes: WORKER_MIB });
    await this.#onLedger("disowned", (ledger) =>
      ledger.write((tx) => disownMigration(tx, RUN.migrationId, "undo")),
    );
    this.#tell(
      "purge",
      await this.#command(["purge", POOL.userPoolId, "--confirm", POOL.userPoolId, "--json"]),
    );
  }

  /** The median of each way to ask for somebody in the middle. */
  async #lookUps(): Promise<void> {
    const [person] = await this.#onLedger("found", (ledger) =>
      ledger.read((db) => placedAfter(db, RUN.migrationId, "user", "8", 1)),
    );
    const id = person?.destinationId ?? "";
    const asked = {
      sub: { args: [person?.key ?? ""], input: "" },
      address: { args: ["--email"], input: `${emailOf(Math.floor(this.#users / 2) + 1)}\n` },
      "destination id": { args: ["--destination-id", id], input: "" },
    };
    for (const [by, { args, input }] of Object.entries(asked)) {
      const all: Taken[] = [];
      for (let turn = 0; turn < LOOK_UPS; turn += 1)
        all.push(await this.#command(["lookup", ...args], input));
      const middle = all.toSorted((one, other) => one.wallMs - other.wallMs)[Math.floor(LOOK_UPS / 2)];
      if (middle === undefined) throw new Error("Nobody was looked up.");
      const slow = slowestFirst(all.flatMap((one) => one.slow));
      this.#tell(
        `lookup by ${by}`,
        { ...middle, cpuMs: median(all.map(({ cpuMs }) => cpuMs)), slow },
        { seconds: LOOK_UP_SECONDS },
      );
    }
  }

  #work(phase: string, ...args: string[]): Promise<Taken> {
    const program = join(import.meta.dirname, "million/work.ts");
    return this.#measured({
      command: process.execPath,
      args: [...WORKER_FLAGS, ...this.#nodeOptions, program, phase, ...args],
      environment: { ...WORKER_ENVIRONMENT, ...this.#settings() },
    });
  }

  #command(args: readonly string[], input = ""): Promise<Taken> {
    return this.#measured({ command: "./spillway", args, input, environment: this.#settings() });
  }

  async #measured(program: Program): Promise<Taken> {
    const beforeMs = await this.#ledger.serverCpuMs();
    const taken = await measured(program);
    return { ...taken, serverCpuMs: (await this.#ledger.serverCpuMs()) - beforeMs };
  }

  #settings(): Record<string, string> {
    return {
      SPILLWAY_LEDGER: this.#ledger.url,
      WORKOS_API_KEY: "sk_test_million",
      WORKOS_CLIENT_ID: ENVIRONMENT,
      WORKOS_API_URL: "http://127.0.0.1:9",
    };
  }

  async #onLedger<T>(done: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
    const beganAtMs = performance.now();
    const ledger = await openLedger(this.#ledger.url);
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
      console.log(`${done} in ${Math.round((performance.now() - beganAtMs) / 1_000)} s`);
    }
  }

  #tell(what: string, taken: Taken, { seconds, cpuSeconds, mebibytes }: Most = {}): void {
    const { wallMs, cpuMs, serverCpuMs, peakBytes, slow } = taken;
    const [slowest] = slow;
    const cpu = slow.flatMap((one) => one.cpuMs ?? []);
    const figures: Figure[] = [
      { name: "s", value: wallMs / 1_000, ...atMost(seconds) },
      { name: "CPU s", value: (cpuMs + serverCpuMs) / 1_000, ...atMost(this.#forFewer(cpuSeconds)) },
      ...(serverCpuMs > 0 ? [{ name: "CPU s of the server", value: serverCpuMs / 1_000 }] : []),
      { name: "memory at its peak, MiB", value: peakBytes / MEBIBYTE, ...atMost(mebibytes) },
      { name: "slowest statement, ms", value: slowest?.slowestMs ?? 0 },
      { name: "slowest statement, CPU ms", value: Math.max(...cpu), ...atMost(MAX_STATEMENT_MS) },
    ];
    this.figures.push(...figures.map((figure) => ({ ...figure, name: `${what}, ${figure.name}` })));
    console.log(`${what}: ${figures.map(({ name, value }) => `${value.toFixed(1)} ${name}`).join("; ")}`);
    for (const { sql, slowestMs, times, ...one } of slow.slice(0, SHOWN_STATEMENTS))
      console.log(
        `  ${slowestMs.toFixed()} ms (CPU ${one.cpuMs?.toFixed() ?? "?"}), ${times} times long: ${sql.replace(/\s+/g, " ").slice(0, SHOWN_CHARACTERS)}`,
      );
  }

  #forFewer(seconds: number | undefined): number | undefined {
    return seconds === undefined ? undefined : (seconds * this.#users) / MILLION;
  }
}

interface Most {
  seconds?: number;
  cpuSeconds?: number;
  mebibytes?: number;
}

function atMost(most: number | undefined): Pick<Figure, "target"> {
  return most === undefined ? {} : { target: { atMost: most } };
}
