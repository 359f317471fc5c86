import { expect, test } from "vitest";
import { VENDORS, vendorOf } from "../../src/destinations/registry.ts";
import { parseFile } from "../domain/parse-file.ts";

test("the file takes the vendors of the registry, and no other", () => {
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
  for (const { kind } of VENDORS) {
    expect(parseFile({ source, destination: { kind } })).toMatchObject({ ok: true });
    expect(vendorOf(kind).kind).toBe(kind);
  }
  expect(parseFile({ source, destination: { kind: "nowhere" } })).toMatchObject({ ok: false });
  expect(() => vendorOf("nowhere")).toThrow("no vendor");
});

test.each(VENDORS)("the file's default pace is the one that suits $name", ({ kind, facts }) => {
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
  const parsed = parseFile({ source, destination: { kind } });
  if (!parsed.ok) throw new Error(parsed.sentence);
  const { pace, passwordResets } = parsed.value;
  expect({ ...pace, resetsPerSecond: passwordResets.perSecond }).toMatchObject(facts.pace);
});

test("no two vendors have a setting of the same name", () => {
  const names = VENDORS.flatMap(({ settings }) => Object.keys(settings.shape));
  expect(names).toEqual([...new Set(names)]);
});

test.each(VENDORS)("the settings that $name names in sentences are its own", ({ settings }) => {
  const names = Object.keys(settings.shape);
  for (const name of [...settings.access.split(" and "), settings.address]) expect(names).toContain(name);
});
