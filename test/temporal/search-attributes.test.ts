import { expect, test } from "vitest";
import { registerCommand, SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { codeBlocks, section } from "../docs/pages.ts";

const ALL = Object.keys(SEARCH_ATTRIBUTE_TYPES);
const WITHOUT = ALL.filter((name) => name !== "UsersFailed" && name !== "MigrationState");

test.each([
  [
    "temporal.example:7233",
    "./temporal operator search-attribute create --address temporal.example:7233 --namespace n.acc --name MigrationState --type Keyword --name UsersFailed --type Int",
  ],
  ...["n.acc.tmprl.cloud:7233", "eu-central-1.aws.api.temporal.io:7233"].map((address) => [
    address,
    "tcld namespace search-attributes add --namespace n.acc --search-attribute MigrationState=Keyword --search-attribute UsersFailed=Int",
  ]),
])("what registers the search attributes that are missing at %s", (address, command) => {
  expect(registerCommand({ address: address ?? "", namespace: "n.acc" }, WITHOUT)).toBe(command);
  expect(registerCommand({ address: address ?? "", namespace: "n.acc" }, ALL)).toBeNull();
});

test("the page prints what the check prints for Temporal Cloud", () => {
  const [block = ""] = codeBlocks(section("docs/temporal.md", "Search attributes"), "sh");
  const target = { address: "migration.a1b2c.tmprl.cloud:7233", namespace: "migration.a1b2c" };
  expect(block.replaceAll(/\s*\\\n\s*/g, " ").trim()).toBe(registerCommand(target, []));
});
