import fc from "fast-check";
import { expect, test } from "vitest";
import type { UserRecord } from "../../src/domain/records.ts";
import { recordOf, setUp } from "./workos-setup.ts";

/** Texts around a length limit, mostly ASCII. */
const around = (max: number) =>
  fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.integer({ min: max - 1, max: max + 1 }).map((length) => "x".repeat(length)),
  );

const key = around(40).filter((text) => text !== "__proto__");
const domain = fc.constantFrom(
  "example.com",
  "a.b.example.co.uk",
  "localhost",
  "-x.com",
  "x-.com",
  "ex ample.com",
);
const email = fc.oneof(
  fc.emailAddress(),
  fc.tuple(fc.oneof(fc.string({ maxLength: 9 }), around(64)), domain).map((parts) => parts.join("@")),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.integer({ min: 240, max: 250 }).map((length) => `a@${"d".repeat(length)}.com`),
);
const name = fc.option(fc.string({ unit: "binary", maxLength: 300 }));

const records: fc.Arbitrary<UserRecord> = fc.record({
  // An external id of dots alone could not be asked for in a URL; Cognito's are UUIDs.
  externalId: around(64).map((text) => (text === "" ? "" : `s${text}`.slice(0, 65))),
  email: fc.oneof({ weight: 3, arbitrary: fc.constant("ada@example.com") }, { weight: 1, arbitrary: email }),
  emailVerified: fc.boolean(),
  firstName: name,
  lastName: name,
  metadata: fc.dictionary(key, around(600), { maxKeys: 12, noNullPrototype: true }),
});

test("the adapter and WorkOS refuse the same records", async () => {
  const { double, workos, importOne } = await setUp({ unlimited: true });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(records, async (record) => {
      const refused = workos.recordProblems(record).length > 0;
      const outcome = await importOne({ record });
      seen.add(outcome.kind);
      expect(outcome.kind).toBe(refused ? "rejected" : "created");
      if (outcome.kind === "created") await deleteUser(double.url, double.key, outcome.destinationId);
    }),
    { numRuns: 400 },
  );
  expect(seen).toEqual(new Set(["rejected", "created"]));
});

test("the adapter and WorkOS refuse the same addresses", async () => {
  const { double, workos, importOne } = await setUp({ unlimited: true });
  await fc.assert(
    fc.asyncProperty(email, async (address) => {
      const outcome = await importOne({ record: recordOf({ email: address }) });
      expect(outcome.kind).toBe(workos.refusesEmail(address) ? "rejected" : "created");
      if (outcome.kind === "created") await deleteUser(double.url, double.key, outcome.destinationId);
    }),
    { numRuns: 300 },
  );
});

test.each(["o'neil+news@example.com", "o&m@a.example.museum", `${"l".repeat(64)}@example.com`])(
  "takes the address %s",
  async (address) => {
    const { workos } = await setUp();
    expect(workos.refusesEmail(address)).toBe(false);
  },
);

test.each([
  "",
  "ada at example.com",
  "ada@@example.com",
  "ada@",
  "@example.com",
  "ada@localhost",
  "a b@example.com",
  "a..b@example.com",
  "ada\0@example.com",
  "zoë@example.com",
  `${"l".repeat(65)}@example.com`,
  `a@${"d".repeat(250)}.com`,
])("refuses the address %j", async (address) => {
  const { workos } = await setUp();
  expect(workos.refusesEmail(address)).toBe(true);
});

test("problems name the attribute, never the value", async () => {
  const { workos } = await setUp();
  const record = recordOf({ metadata: { bio: "x".repeat(601), name: "Zoë", plan: "gold" } });
  expect(workos.recordProblems(record)).toEqual([
    { attribute: "bio", problem: "longer than 600 characters" },
    { attribute: "name", problem: "not plain ASCII" },
  ]);
});

test("mapping problems are found before any user", async () => {
  const { workos } = await setUp();
  const ten = Array.from({ length: 10 }, (_, n) => `key${n}`);
  expect(workos.mappingProblems([...ten, "key1"])).toEqual([]);
  expect(workos.mappingProblems([...ten, "k".repeat(41), "é"])).toEqual([
    "WorkOS takes 10 metadata keys a user; the file maps 12.",
    `WorkOS refuses the metadata key "${"k".repeat(41)}": it is longer than 40 characters.`,
    'WorkOS refuses the metadata key "é": it is not plain ASCII.',
  ]);
});

async function deleteUser(url: string, apiKey: string, id: string): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${url}/user_management/users/${id}`, { method: "DELETE", headers });
  expect(answer.status).toBe(200);
}
