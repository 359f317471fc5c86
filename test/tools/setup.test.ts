import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";

const NODE_24 = 'echo "24"';
const PACKAGES = { "": {}, "node_modules/node": { version: "24.0.0", integrity: "sha512-a" } };

/** A clone, a home and a PATH that holds nothing but what the test puts there. */
function scratchMachine() {
  const folder = freshFolder();
  const [clone, home, bin] = [join(folder, "clone"), join(folder, "home"), join(folder, "bin")];
  for (const place of [clone, home, bin]) mkdirSync(place);
  cpSync("tools", join(clone, "tools"), { recursive: true });
  writeLock(join(clone, "package-lock.json"), PACKAGES);
  pinNode(clone, NODE_24);
  return {
    clone,
    home,
    /** A program on PATH. */
    install: (name: string, script: string) => writeScript(join(bin, name), script),
    setUp: (...options: string[]) => setUp({ clone, home, bin, options }),
  };
}

/** As if this program were the Node whose checksum is kept for this platform. */
function pinNode(clone: string, script: string): void {
  const file = join(clone, "tools", "setup", "checksums.mjs");
  const pinned = createHash("sha256").update(`#!/bin/sh\n${script}\n`).digest("hex");
  const pins = readFileSync(file, "utf8").replace(
    /NODE_PROGRAMS = \{[^}]*\}/,
    `NODE_PROGRAMS = { "${process.platform}-${process.arch}": "${pinned}" }`,
  );
  writeFileSync(file, pins);
}

function setUp({
  clone,
  home,
  bin,
  options,
}: {
  clone: string;
  home: string;
  bin: string;
  options: string[];
}) {
  const { status, stderr, stdout } = spawnSync(process.execPath, ["tools/setup.mjs", ...options], {
    cwd: clone,
    // An address where nothing listens stands for a machine without a network.
    env: { PATH: bin, HOME: home, HTTPS_PROXY: "http://127.0.0.1:9", NODE_USE_ENV_PROXY: "1" },
    encoding: "utf8",
  });
  return { status, lines: `${stdout}${stderr}`.split("\n").filter((line) => line !== "") };
}

function writeScript(path: string, script: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function writeLock(path: string, packages: object): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, JSON.stringify({ packages }));
}

/** What a finished `npm ci` leaves behind. */
function withPackages(clone: string, packages: object = PACKAGES): void {
  writeScript(join(clone, "node_modules", ".bin", "node"), NODE_24);
  writeLock(join(clone, "node_modules", ".package-lock.json"), packages);
}

function recordedTemporal(clone: string): string {
  return readFileSync(join(clone, "node_modules", ".cache", "spillway", "temporal-path"), "utf8").trim();
}

test("a machine without npm gets one sentence", () => {
  const { setUp } = scratchMachine();
  const { status, lines } = setUp();
  expect(status).toBe(1);
  expect(lines.at(-1)).toMatch(/^npm was not found; install Node with npm from .*\.$/);
});

test("a failing npm ci ends the set-up with one sentence", () => {
  const { install, setUp } = scratchMachine();
  install("npm", "exit 7");
  const { status, lines } = setUp();
  expect(status).toBe(1);
  expect(lines.at(-1)).toMatch(/^"npm ci" failed, .* start again\.$/);
});

test("packages older than the lock are installed anew", () => {
  const { clone, install, setUp } = scratchMachine();
  withPackages(clone, { "node_modules/node": { version: "23.0.0", integrity: "sha512-b" } });
  install("npm", `echo "$*" > "${clone}/asked"`);
  expect(setUp("--without-temporal").status).toBe(0);
  expect(readFileSync(join(clone, "asked"), "utf8")).toMatch(/^ci /);
});

test("optional packages of other platforms are not missed", () => {
  const { clone, install, setUp } = scratchMachine();
  writeLock(join(clone, "package-lock.json"), {
    ...PACKAGES,
    "node_modules/other-os": { version: "1.0.0", optional: true },
  });
  withPackages(clone);
  install("npm", "exit 7");
  expect(setUp("--without-temporal")).toEqual({ status: 0, lines: [] });
});

test("npm runs without the Node that it replaces", () => {
  const { clone, install, setUp } = scratchMachine();
  install(
    "npm",
    `echo "$PATH" > "${clone}/path"; mkdir -p "${clone}/node_modules/.bin"
    printf '#!/bin/sh\\necho "24"\\n' > "${clone}/node_modules/.bin/node"; chmod +x "${clone}/node_modules/.bin/node"`,
  );
  install("mkdir", 'exec /bin/mkdir "$@"');
  install("chmod", 'exec /bin/chmod "$@"');
  expect(setUp("--without-temporal").status).toBe(0);
  expect(readFileSync(join(clone, "path"), "utf8")).not.toContain("node_modules");
});

test("a Node that is not the one expected never runs, and is gone", () => {
  const { clone, install, setUp } = scratchMachine();
  withPackages(clone, {});
  const program = join(clone, "node_modules", ".bin", "node");
  writeScript(program, `touch "${clone}/ran"; echo 24`);
  install("npm", "exit 0");
  const { status, lines } = setUp("--without-temporal");
  expect(status).toBe(1);
  expect(lines.at(-1)).toMatch(/brought a program that is not the one expected .* start again\.$/);
  expect([existsSync(program), existsSync(join(clone, "ran"))]).toEqual([false, false]);
});

test("what npm says is in the set-up's log, and its end is shown where it fails", () => {
  const { home, install, setUp } = scratchMachine();
  install("npm", 'echo "added 400 packages"; echo "ERESOLVE here" >&2; exit 1');
  const { lines } = setUp();
  expect(lines[0]).toBe("Installing the npm packages …");
  expect(lines).toContain("  ERESOLVE here");
  expect(readFileSync(join(home, ".cache", "spillway", "setup.log"), "utf8")).toContain("$ npm ci");
});

test("a machine without Temporal, network and Go gets one sentence", () => {
  const { clone, setUp } = scratchMachine();
  withPackages(clone);
  const { status, lines } = setUp();
  expect(status).toBe(1);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^The Temporal CLI is not here .* or install Go .* start again\.$/),
  ]);
});

test("a failing Go build leaves nothing in the cache", () => {
  const { clone, home, install, setUp } = scratchMachine();
  withPackages(clone);
  install("go", "exit 2");
  const { status, lines } = setUp();
  expect(status).toBe(1);
  expect(lines.at(-1)).toMatch(/^Building the Temporal CLI with Go failed, .*\.$/);
  expect(existsSync(join(home, ".cache", "spillway", "temporal-1.8.2"))).toBe(false);
});

test("Go builds the CLI into the cache, once", () => {
  const { clone, home, install, setUp } = scratchMachine();
  withPackages(clone);
  // The fifth argument is the file to make.
  install("go", 'echo made > "$5"; /bin/chmod +x "$5"');
  const first = setUp();
  expect(first).toEqual({ status: 0, lines: [expect.stringContaining("about 6 minutes")] });
  expect(recordedTemporal(clone)).toBe(join(home, ".cache", "spillway", "temporal-1.8.2"));
  expect(setUp()).toEqual({ status: 0, lines: [] });
});

test("a Temporal CLI on PATH is preferred to the cache", () => {
  const { clone, home, install, setUp } = scratchMachine();
  withPackages(clone);
  writeScript(join(home, ".cache", "spillway", "temporal-1.8.2"), 'echo "temporal version 1.8.2"');
  install("temporal", 'echo "temporal version 1.5.0 (Server 1.29.0, UI 2.40.0)"');
  expect(setUp().status).toBe(0);
  expect(recordedTemporal(clone)).toMatch(/bin\/temporal$/);
});

test("a Temporal CLI that is too old is passed over", () => {
  const { clone, home, install, setUp } = scratchMachine();
  withPackages(clone);
  writeScript(join(home, ".cache", "spillway", "temporal-1.8.2"), 'echo "temporal version 1.8.2"');
  install("temporal", 'echo "temporal version 1.4.1 (Server 1.28.0, UI 2.39.0)"');
  expect(setUp().status).toBe(0);
  expect(recordedTemporal(clone)).toBe(join(home, ".cache", "spillway", "temporal-1.8.2"));
});

test("a second start does nothing and says nothing", () => {
  const { clone, install, setUp } = scratchMachine();
  withPackages(clone);
  install("temporal", 'echo "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"');
  setUp();
  for (const program of ["npm", "temporal", "go"]) install(program, "exit 7");
  expect(setUp()).toEqual({ status: 0, lines: [] });
});

test("an unknown option gets one sentence", () => {
  const { setUp } = scratchMachine();
  expect(setUp("--fast")).toEqual({
    status: 1,
    lines: ["Unknown option --fast; there is only --without-temporal."],
  });
});

/** The modules of the set-up, which have no types. */
const setupPart = (name: string) => import(`../../tools/setup/${name}.mjs` as string);

/** Where the releases of the Temporal CLI are: it answers each request with this archive. */
async function startReleases(archive: Uint8Array): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("content-length", archive.length).end(archive);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("a download runs only where its checksum is the published one", async () => {
  const { downloadTemporal } = await setupPart("temporal-download");
  const { PLATFORM, TEMPORAL_ARCHIVES, sha256 } = await setupPart("checksums");
  const folder = freshFolder();
  writeScript(join(folder, "temporal"), 'echo "temporal version 1.8.2"');
  spawnSync("tar", ["-czf", "archive.tar.gz", "temporal"], { cwd: folder });
  const archive = readFileSync(join(folder, "archive.tar.gz"));
  const { url, asked } = await startReleases(archive);
  const target = join(folder, "cached");
  const published = TEMPORAL_ARCHIVES[PLATFORM];
  onTestFinished(() => {
    TEMPORAL_ARCHIVES[PLATFORM] = published;
  });

  expect(await downloadTemporal(target, url)).toBe(false);
  expect(existsSync(target)).toBe(false);
  TEMPORAL_ARCHIVES[PLATFORM] = sha256(archive);
  expect(await downloadTemporal(target, url)).toBe(true);
  expect(spawnSync(target, { encoding: "utf8" }).stdout).toBe("temporal version 1.8.2\n");
  expect(asked.at(-1)).toMatch(/^\/v1\.8\.2\/temporal_cli_1\.8\.2_(linux|darwin)_(amd64|arm64)\.tar\.gz$/);
});

test("the checksum of Node is that of the version in package.json", async () => {
  const { NODE_PROGRAMS, PLATFORM, sha256 } = await setupPart("checksums");
  expect(NODE_PROGRAMS[PLATFORM]).toBe(sha256(readFileSync("node_modules/.bin/node")));
});

test("set-up, the Go module and the workers agree on Temporal's version", async () => {
  const { TEMPORAL_VERSION } = await setupPart("places");
  expect(readFileSync("tools/temporal/go.mod", "utf8")).toContain(
    `require github.com/temporalio/cli v${TEMPORAL_VERSION}\n`,
  );
});
