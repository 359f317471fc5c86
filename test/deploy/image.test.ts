import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };

const dockerfile = readFileSync("Dockerfile", "utf8");

/** `import … from "x";` and `export … from "x";`, on one line or ending several, and `import("x")`. */
const IMPORT = /^(?:import .*|export .*|\} )?from "([^"\n]+)";$|\bimport\("([^"\n]+)"\)/gm;

/** Every import of src: the file it is in and what it names. */
function importsOfSource(): { file: string; imported: string }[] {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.flatMap((name) => {
    const file = join("src", name);
    const found = readFileSync(file, "utf8").matchAll(IMPORT);
    return [...found].map((match) => ({ file, imported: match[1] ?? match[2] ?? "" }));
  });
}

test("the image holds every folder that src imports", () => {
  const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap((line) => line[1]?.split(" ") ?? []);
  const needed = importsOfSource()
    .filter(({ imported }) => imported.startsWith("."))
    // Loaded where it is there, for the embedded server of `migrate` only.
    .filter(({ imported }) => !imported.endsWith("tools/temporal-path.mjs"))
    .map(({ file, imported }) => join(dirname(file), imported).split("/")[0]);
  expect(copied).toEqual(expect.arrayContaining([...new Set(["src", ...needed])]));
});

test("the build context holds all that the image copies", () => {
  const allowed = readFileSync(".dockerignore", "utf8").split("\n");
  const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap((line) => line[1]?.split(" ") ?? []);
  expect(allowed).toEqual(expect.arrayContaining(["*", ...copied.map((name) => `!${name}`)]));
});

test("what git ignores in every folder gets into no image", () => {
  const linesOf = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");
  const everywhere = linesOf(".gitignore").filter((line) => !line.startsWith("/"));
  expect(everywhere).toEqual(expect.arrayContaining(["*.db", "spillway-secrets.json*", ".env"]));
  // The last pattern that fits counts.
  expect(linesOf(".dockerignore").slice(-everywhere.length)).toEqual(everywhere.map((line) => `**/${line}`));
});

test("src imports production dependencies only", () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  const missing = importsOfSource()
    .filter(({ imported }) => !imported.startsWith(".") && !imported.startsWith("node:"))
    .filter(({ imported }) => !builtinModules.includes(imported) && !(packageOf(imported) in dependencies));
  expect(missing).toEqual([]);
});

test("the image runs the worker by the launcher, not as root", () => {
  expect(dockerfile).toContain("ln -s /app/spillway /usr/local/bin/spillway");
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile.trimEnd().endsWith('\nCMD ["spillway", "worker"]')).toBe(true);
});

test("the image asks the worker whether it is well, where it serves its metrics", () => {
  const [, words = "[]"] = /^HEALTHCHECK .+\\\n {2}CMD (.+)$/m.exec(dockerfile) ?? [];
  const [program, option, script] = z.tuple([z.string(), z.string(), z.string()]).parse(JSON.parse(words));
  expect([program, option]).toEqual(["node", "-e"]);
  expect(script).toContain("SPILLWAY_METRICS_ADDRESS");
  expect(dockerfile).toMatch(/^ENV SPILLWAY_METRICS_ADDRESS=127\.0\.0\.1:\d+$/m);
});

test("the image says which version it is", () => {
  expect(dockerfile).toContain(`org.opencontainers.image.version="${manifest.version}"`);
});

test("the image has the Node that the project is tested with", () => {
  const { devDependencies } = z
    .object({ devDependencies: z.object({ node: z.string() }) })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  expect(dockerfile).toContain(`FROM node:${devDependencies.node}-`);
});

function packageOf(imported: string): string {
  return imported
    .split("/")
    .slice(0, imported.startsWith("@") ? 2 : 1)
    .join("/");
}
