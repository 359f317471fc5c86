import { expect, test } from "vitest";
import { setUp } from "./workos-setup.ts";

const ORGANIZATION = { externalId: "acme", name: "Acme", verifiedDomains: [] };
const ROLE = { slug: "editor", name: "Editor", description: "", permissions: ["posts:read"] };

test.each([
  { fields: {}, problems: [] },
  { fields: { externalId: "x".repeat(64), name: "ä".repeat(255) }, problems: [] },
  { fields: { name: ` ${"n".repeat(255)} ` }, problems: [] },
  { fields: { externalId: "" }, problems: ["its external id is empty"] },
  { fields: { externalId: "x".repeat(65) }, problems: ["its external id is longer than 64 characters"] },
  { fields: { externalId: "Zoë" }, problems: ["its external id is not plain printable ASCII"] },
  { fields: { externalId: "a\nb" }, problems: ["its external id is not plain printable ASCII"] },
  { fields: { externalId: ".." }, problems: ["its external id is nothing but dots"] },
  { fields: { name: " " }, problems: ["its name is empty"] },
  { fields: { name: "n".repeat(256) }, problems: ["its name is longer than 255 characters"] },
])("tells what is wrong with an organization: $problems", async ({ fields, problems }) => {
  const { workos, send } = await setUp();
  const record = { ...ORGANIZATION, ...fields };
  expect(workos.organizationProblems(record)).toEqual(problems);
  if (problems.length === 0)
    expect(await send(workos.organizations, record)).toMatchObject({ kind: "created" });
});

test.each([
  { fields: {}, problems: [] },
  { fields: { slug: "e".repeat(48), name: "n".repeat(48), description: "d".repeat(150) }, problems: [] },
  { fields: { slug: "0-a_b", permissions: ["a:b.c-d_e*"] }, problems: [] },
  { fields: { slug: "" }, problems: ["its slug is empty"] },
  { fields: { slug: "e".repeat(49) }, problems: ["its slug is longer than 48 characters"] },
  {
    fields: { slug: "Editor" },
    problems: ["its slug is not made of small letters, digits, - and _, a letter or digit first"],
  },
  {
    fields: { slug: "-e" },
    problems: ["its slug is not made of small letters, digits, - and _, a letter or digit first"],
  },
  {
    fields: { slug: "org-admin" },
    problems: ["its slug begins with org-, which is kept for roles of one organization"],
  },
  { fields: { slug: "organizer" }, problems: [] },
  { fields: { name: " " }, problems: ["its name is empty"] },
  { fields: { name: "n".repeat(49) }, problems: ["its name is longer than 48 characters"] },
  {
    fields: { description: "d".repeat(151) },
    problems: ["its description is longer than 150 characters"],
  },
  {
    fields: { permissions: ["A", "B", "ok"] },
    problems: ["a permission is not made of small letters, digits and - _ : . *"],
  },
  { fields: { permissions: ["p".repeat(49)] }, problems: ["a permission is longer than 48 characters"] },
])("tells what is wrong with a role: $problems", async ({ fields, problems }) => {
  const { workos, send } = await setUp();
  const record = { ...ROLE, ...fields };
  expect(workos.roleProblems(record)).toEqual(problems);
  if (problems.length === 0) expect(await send(workos.roles, record)).toMatchObject({ kind: "created" });
});
