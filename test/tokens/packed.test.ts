import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { codeBlocks, page, ROOT } from "../docs/pages.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { sign } from "./issuer.ts";
import {
  APP_CLIENT,
  APPLICATION,
  AUTHKIT,
  cognitoAccess,
  connectId,
  ENVIRONMENT,
  POOL,
  rig,
  SUB,
  session,
  USER,
} from "./rig.ts";

const run = promisify(execFile);
const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

function dependenciesOf(folder: string): Record<string, string> {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).dependencies;
}

/** As at a terminal: `npm test` would pass on what it was called with. */
function npm(folder: string, ...words: string[]): Promise<unknown> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return run("npm", words, { cwd: folder, env: Object.fromEntries(own) });
}

/** Returns the file that `npm pack` makes of a folder. */
async function pack(folder: string, ...options: string[]): Promise<string> {
  const target = freshFolder();
  await npm(folder, "pack", "--pack-destination", target, ...options);
  const [file = ""] = readdirSync(target);
  return join(target, file);
}

/** Packs from a copy, so that nobody who reads the tree meanwhile sees what the build writes. */
async function packTokens(): Promise<string> {
  const copy = freshFolder();
  const package_ = join(copy, "src/tokens");
  cpSync(join(ROOT, "src/tokens"), package_, { recursive: true });
  for (const name of ["tsconfig.json", "LICENSE"]) cpSync(join(ROOT, name), join(copy, name));
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const file = await pack(package_);
  expect(readdirSync(package_)).not.toContain("dist");
  return file;
}

/** A package as this machine has it. From a copy and without scripts: those would build it anew. */
async function packInstalled(name: string): Promise<string> {
  const copy = join(freshFolder(), name);
  cpSync(join(ROOT, "node_modules", name), copy, { recursive: true });
  return pack(copy, "--ignore-scripts");
}

/** A fresh folder with the packed package and its dependencies. Nothing is fetched. */
async function installed(): Promise<string> {
  const folder = join(freshFolder(), "application");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}');
  const files = [await packTokens()];
  for (const name of Object.keys(dependenciesOf(join(ROOT, "src/tokens"))))
    files.push(await packInstalled(name));
  await npm(folder, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", ...files);
  return folder;
}

const PROGRAM = `
import { readFileSync } from "node:fs";
import { createTokenVerifier, idMapFromCsv } from "spillway-tokens";
import { requireToken } from "spillway-tokens/hono";

const { options, tokens } = JSON.parse(readFileSync(0, "utf8"));
const verifier = createTokenVerifier({ ...options, idMap: await idMapFromCsv("id-map.csv") });
const answers = [];
for (const token of tokens) answers.push(await verifier.verify(token));
console.log(JSON.stringify({ answers, middleware: typeof requireToken(verifier) }));
`;

/** What a type that is lost would let through. */
const TYPED = `
import { verifier } from "./verifier.ts";

const answer = await verifier.verify("token");
// @ts-expect-error: a refused token has no claims.
console.log(answer.claims);
// @ts-expect-error: there is no such reason.
if (!answer.ok) console.log(answer.reason === "unheard_of");
`;

/** Writes the code of docs/cutover.md: first the verifier, then what imports it. */
function writeExamples(folder: string): string[] {
  const [verifier = "", ...others] = codeBlocks(page("docs/cutover.md"), "ts");
  const files = new Map([
    ["verifier.ts", verifier],
    ["typed.ts", TYPED],
  ]);
  for (const [index, text] of others.entries()) files.set(`example-${index + 1}.ts`, text);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return [...files.keys()];
}

test("the packed package runs in a folder that has nothing else", async () => {
  const folder = await installed();
  const modules = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  expect(modules.toSorted()).toEqual(["aws-jwt-verify", "jose", "spillway-tokens", "zod"]);

  writeFileSync(join(folder, "id-map.csv"), `cognito_sub,destination_id,how\n${SUB},${USER},created\n`);
  writeFileSync(join(folder, "program.js"), PROGRAM);
  const { cognitoKeys, sessionKeys, connectKeys } = await rig();
  const options = {
    cognito: {
      region: "eu-west-1",
      userPoolId: POOL,
      clientId: APP_CLIENT,
      jwksUri: cognitoKeys.address,
    },
    destination: {
      kind: "workos",
      clientId: ENVIRONMENT,
      jwksUri: sessionKeys.address,
      connect: { issuer: AUTHKIT, clientId: APPLICATION, jwksUri: connectKeys.address },
    },
  };
  const kinds = [cognitoAccess, session, connectId];
  const tokens = await Promise.all(kinds.map((kind) => sign(kind.claims(), kind.key)));
  const program = run(process.execPath, ["program.js"], { cwd: folder });
  program.child.stdin?.end(JSON.stringify({ options, tokens: [...tokens, "broken"] }));
  expect(JSON.parse((await program).stdout)).toMatchObject({
    answers: [
      { ok: true, issuer: "cognito", use: "access", subject: SUB, userId: USER },
      { ok: true, issuer: "workos", use: "access", subject: USER, userId: USER },
      { ok: true, issuer: "workos", use: "id", subject: USER, userId: USER },
      { ok: false, reason: "malformed" },
    ],
    middleware: "function",
  });
});

test("the declarations of the packed package fit the code on the page about the cutover", async () => {
  const folder = await installed();
  const files = writeExamples(folder);
  expect(files).toContain("example-3.ts");
  symlinkSync(join(ROOT, "node_modules/hono"), join(folder, "node_modules/hono"));
  const strict = ["--strict", "--noEmit", "--allowImportingTsExtensions", "--skipLibCheck"];
  const target = ["--module", "nodenext", "--target", "es2022"];
  const types = ["--typeRoots", join(ROOT, "node_modules/@types"), "--types", "node"];
  const { stdout } = await run(
    join(ROOT, "node_modules/.bin/tsc"),
    [...strict, ...target, ...types, ...files],
    { cwd: folder },
  ).catch((failed: { stdout: string }) => failed);
  expect(stdout).toBe("");
});

test("the package asks for the versions that are tested here", () => {
  const own = dependenciesOf(join(ROOT, "src/tokens"));
  const tested = dependenciesOf(ROOT);
  expect(Object.keys(own)).toEqual(["aws-jwt-verify", "jose", "zod"]);
  for (const [name, version] of Object.entries(own)) expect(tested[name]).toBe(version);
});
