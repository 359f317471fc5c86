import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { PASSED_THROUGH, SETTING_NAMES } from "../../src/settings.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";

const composeFile: unknown = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true });

/** The parts of the file that these tests look at; its whole form is the first test's business. */
const { services } = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string().optional(),
        build: z.string().optional(),
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
        ports: z.array(z.string()).default([]),
        restart: z.string(),
        user: z.string().optional(),
        read_only: z.boolean().default(false),
        cap_drop: z.array(z.string()).default([]),
        cap_add: z.array(z.string()).default([]),
        security_opt: z.array(z.string()).default([]),
        privileged: z.boolean().default(false),
      }),
    ),
  })
  .parse(composeFile);

const worker = services.worker;

test("docker-compose.yml has the form that Compose asks for", () => {
  const linter = createRequire(import.meta.url).resolve("dclint/package.json");
  const schemaText = readFileSync(join(dirname(linter), "schemas", "compose.schema.json"), "utf8");
  const { $schema: _, ...schema } = z.looseObject({}).parse(JSON.parse(schemaText));
  // Compose reads durations like "5s"; the format of that name in JSON Schema is ISO 8601.
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { duration: /^(\d+(ms|us|s|m|h))+$/ } });
  const validate = ajv.compile(schema);
  validate(composeFile);
  expect(validate.errors).toBeNull();
});

test("workers set only variables that Spillway reads", () => {
  expect([...SETTING_NAMES, ...PASSED_THROUGH]).toEqual(
    expect.arrayContaining(Object.keys(worker?.environment ?? {})),
  );
});

test("a missing variable stops Compose with its name", () => {
  for (const { environment } of Object.values(services)) {
    for (const [, name, message] of Object.values(environment)
      .join(" ")
      .matchAll(/\$\{(\w+)([^}]*)\}/g)) {
      expect(message).toMatch(new RegExp(`^(:\\?Set ${name} to .+|:-\\w*)$`));
    }
  }
});

test.each(Object.keys(services))("%s writes to its volumes alone, and cannot gain rights", (name) => {
  expect(services[name]).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    cap_add: [],
    security_opt: ["no-new-privileges:true"],
    privileged: false,
  });
});

test("each service knows the password of its own role alone", () => {
  const knowers = (password: string) =>
    Object.entries(services)
      .filter(([, { environment }]) => Object.values(environment).join(" ").includes(`\${${password}:?`))
      .map(([name]) => name);
  expect(knowers("POSTGRES_PASSWORD")).toEqual(["postgres", "postgres-roles"]);
  expect(knowers("TEMPORAL_DATABASE_PASSWORD")).toEqual(["postgres-roles", "temporal-schema", "temporal"]);
  expect(knowers("SPILLWAY_DATABASE_PASSWORD")).toEqual(["postgres-roles", "worker"]);
});

test("each service connects as its own role", () => {
  expect(services["temporal-schema"]?.environment.SQL_USER).toBe("temporal");
  expect(services.temporal?.environment.POSTGRES_USER).toBe("temporal");
  expect(worker?.environment.SPILLWAY_LEDGER).toMatch(/^postgres:\/\/spillway:.*\/spillway$/);
});

test("images carry a fixed version tag, and the digest of what it named", () => {
  const images = Object.values(services).flatMap(({ image }) => image ?? []);
  const base = /^FROM (\S+)/m.exec(readFileSync("Dockerfile", "utf8"))?.[1];
  for (const image of [...images, base])
    expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z-]+)?@sha256:[0-9a-f]{64}$/);
  expect(images.length).toBeGreaterThan(0);
});

test("ports are open on the machine itself only", () => {
  const ports = Object.values(services).flatMap((service) => service.ports);
  expect(ports).toEqual(ports.filter((port) => port.startsWith("127.0.0.1:")));
});

test("files that services mount are in the repository", () => {
  const mounted = Object.values(services)
    .flatMap(({ volumes }) => volumes)
    .filter((volume) => volume.startsWith("./"));
  for (const volume of mounted) expect(readFileSync(volume.split(":")[0] ?? "", "utf8")).not.toBe("");
});

test("the namespace gets the search attributes of the tests", () => {
  const script = readFileSync("deploy/temporal/namespace.sh", "utf8");
  const made = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => [name, type]);
  expect(Object.fromEntries(made)).toEqual(SEARCH_ATTRIBUTE_TYPES);
});
