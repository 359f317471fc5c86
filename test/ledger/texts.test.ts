import fc from "fast-check";
import { expect } from "vitest";
import { countFailure } from "../../src/ledger/failures.ts";
import { activityFailures, subsByEmail } from "../../src/ledger/lookups.ts";
import { groupsOf } from "../../src/ledger/plan.ts";
import { plannedObjects, writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import {
  addGroupMembers,
  identitiesAfter,
  setClusterKey,
  sourceUsersBySub,
} from "../../src/ledger/source-users.ts";
import { normalizeEmail } from "../../src/plan/normalize.ts";
import { organizationKeys } from "../../src/plan/organizations.ts";
import { storable, storableKey } from "../../src/plan/texts.ts";
import { anyText } from "../plan/any-text.ts";
import { sourceUser, testOnBoth, upsertPages } from "./ledgers.ts";

const RUN = { migrationId: 1, generation: 1 };

testOnBoth("any text of a user comes back the same or marked", async ({ open }) => {
  const ledger = await open();
  const person = fc.record({
    username: anyText,
    status: anyText,
    email: anyText,
    note: anyText,
    provider: anyText,
    userId: anyText,
  });
  let persons = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 5 }), async (people) => {
      const users = people.map(({ username, status, email, note, provider, userId }) => {
        persons += 1;
        return sourceUser(`s${persons}`, {
          username,
          status,
          attributes: { email, "custom:note": note, [note]: email },
          identities: [{ provider, userId }],
        });
      });
      await upsertPages(ledger, 1, [users]);
      const rows = await ledger.read((db) =>
        sourceUsersBySub(
          db,
          1,
          users.map(({ sub }) => sub),
        ),
      );
      for (const one of users) {
        const row = rows.get(one.sub);
        expect(row?.username).toBe(storable(one.username));
        expect(row?.status).toBe(storable(one.status));
        expect(JSON.parse(row?.attributes ?? "")).toEqual(one.attributes);
        const email = normalizeEmail(one.attributes.email);
        expect(row?.email).toBe(email === null ? null : storable(email));
        if (email !== null)
          expect(await ledger.read((db) => subsByEmail(db, { id: 1, generation: 1 }, email))).toContain(
            one.sub,
          );
      }
    }),
    { numRuns: 60 },
  );
});

testOnBoth("different keys stay different rows", async ({ open }) => {
  const ledger = await open();
  const keys = fc.uniqueArray(anyText, { minLength: 2, maxLength: 8 });
  let migrationId = 1;
  await fc.assert(
    fc.asyncProperty(keys, async (texts) => {
      migrationId += 1;
      const users = texts.map((text) => sourceUser(text, { identities: [{ provider: text, userId: text }] }));
      expect(await upsertPages(ledger, 1, [users], migrationId)).toBe(texts.length);
      expect(await upsertPages(ledger, 1, [users], migrationId)).toBe(0);
      const identities = await ledger.read((db) => identitiesAfter(db, migrationId, null, 100));
      expect(identities.map((row) => row.user_id).sort()).toEqual(texts.map(storableKey).sort());

      const run = { migrationId, generation: 1 };
      const rule = { from: "attribute" as const, attribute: "tenant", named: {} };
      const organizations = texts.flatMap((text) => organizationKeys(rule, { tenant: text }, []));
      const objects = [...new Set(organizations)].map((key) => ({
        kind: "organization" as const,
        key,
        data: { name: key },
      }));
      await ledger.write((tx) => writePlannedObjects(tx, run, "structure", objects));
      const planned = await ledger.read((db) => plannedObjects(db, run, "organization"));
      expect(planned.map(({ key }) => key).sort()).toEqual(objects.map(({ key }) => key).sort());
      expect(objects.length).toBe(
        new Set(texts.map((text) => text.trim()).filter((text) => text !== "")).size,
      );

      await ledger.write((tx) => addGroupMembers(tx, run, texts[0] ?? "", texts));
      const subs = texts.map(storableKey);
      expect((await ledger.read((db) => groupsOf(db, run, subs))).size).toBe(texts.length);
      await ledger.write((tx) => setClusterKey(tx, migrationId, subs, "sub:a"));
    }),
    { numRuns: 40 },
  );
});

testOnBoth("the largest row that Cognito can list is kept", async ({ open }) => {
  const ledger = await open();
  const value = (letter: string) => letter.repeat(2_048);
  const attributes = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`custom:a${index}`, value(index % 2 === 0 ? "🙂" : "\u0000")]),
  );
  const random = Array.from({ length: 2_048 }, (_, index) =>
    String.fromCharCode(0x4e00 + ((index * 7919) % 20_000)),
  );
  const identities = [{ provider: value("ü"), userId: random.join("") }];
  const largest = sourceUser("a", {
    username: value("ü"),
    attributes: { ...attributes, email: `${value("x")}@b.example` },
    identities,
  });
  expect(await upsertPages(ledger, 1, [[largest, sourceUser("b", { identities })]])).toBe(2);
  const rows = await ledger.read((db) => sourceUsersBySub(db, 1, ["a"]));
  expect(JSON.parse(rows.get("a")?.attributes ?? "")).toEqual(largest.attributes);
  expect(rows.get("a")?.cluster_key).toBe("sub:a");
  const [one, other] = await ledger.read((db) => identitiesAfter(db, 1, null, 10));
  expect(one?.user_id).toBe(other?.user_id);
  const keys = organizationKeys({ from: "attribute", attribute: "t", named: {} }, { t: random.join("") }, []);
  const objects = keys.map((key) => ({ kind: "organization" as const, key, data: {} }));
  await ledger.write((tx) => writePlannedObjects(tx, RUN, "structure", objects));
});

testOnBoth("a page of people with a hundred identities each is one statement", async ({ open }) => {
  const ledger = await open();
  const identities = Array.from({ length: 100 }, (_, index) => ({ provider: "p", userId: String(index) }));
  const pages = Array.from({ length: 8 }, (_, page) =>
    Array.from({ length: 60 }, (_, index) => sourceUser(`${page}-${index}`, { identities })),
  );
  expect(await upsertPages(ledger, 1, pages)).toBe(480);
  expect(await ledger.read((db) => identitiesAfter(db, 1, null, 50_000))).toHaveLength(48_000);
});

testOnBoth("an error that quotes odd text is kept", async ({ open }) => {
  const ledger = await open();
  const failure = { migrationId: 1, activity: "plan", signature: "\u0000", detail: "of \u0000 \ud800" };
  expect(await ledger.write((tx) => countFailure(tx, failure))).toBe(1);
  expect(await ledger.write((tx) => countFailure(tx, failure))).toBe(2);
  const [kept] = await ledger.read((db) => activityFailures(db, 1));
  expect(kept?.detail).toBe("of \ufffd \ufffd");
});
