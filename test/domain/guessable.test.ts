import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isGuessable } from "../../src/domain/guessable.ts";

test.each([
  "a".repeat(32),
  "aB3$".repeat(8),
  "deadbeef".repeat(4),
  "1212122112121221121221121211221221212",
  "0123456789abcdef0123456789abcdef",
  "abcdefghijklmnopqrstuvwxyz987654",
  "qwertyuiopasdfghjklzxcvbnm123456",
  "changemechangemechangemechangeme",
  "CHANGE-ME-please-CHANGE-ME-please!",
  "Passw0rdPassw0rdPassw0rdPassw0rd",
  "a-shared-secret-of-32-characters",
  "this-is-a-very-long-secret-key-123",
  "<put-your-own-secret-here-please>",
  "spillway-bridge-secret-production-1",
  " ".repeat(40),
  "correcthorsebatterystaplezebraoctopus",
  "CorrectHorseBatteryStaple-Tr0ub4dor&3!",
  "Tr0ub4dorAndCorrectHorseBattery2026Staple",
  "Summer2026!Winter2027#Autumn2025$x",
  "Summer2026Winter2027Autumn2025Spring",
  "KatzeHundMausPferd2026UndNochEinWort",
  "thequickbrownfoxjumpsoverthelazydog",
  "MyDogIsCalledRexAndHeIsFourYearsOld",
  "Acme-Corporation-Portal-Key-For-Us-2026",
  "1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y7u8i9o0p",
  "qazwsxedcrfvtgbyhnujmikolp1029384756",
  "20260101202601022026010320260104",
  "00000000-0000-4000-8000-000000000001",
  "7f3c1a9e-52d8-11ee-be56-0242ac120002",
  "deadbeefcafebabe0badf00ddefec8ed",
  "deadbeefcafed00dbaadf00dfeedface",
  Buffer.from("super-secret-value-for-bridge!!").toString("base64"),
  Buffer.from("aZ7-kP2.qW9_xR4,mN8;bV3:").toString("base64url"),
  ...["md5", "sha1", "sha256", "sha512"].flatMap((algorithm) =>
    ["", "password", "secret\n", "changeme", "admin"].flatMap((word) => {
      const hash = createHash(algorithm).update(word).digest();
      return [hash.toString("hex"), hash.toString("hex").toUpperCase(), hash.toString("base64")];
    }),
  ),
])("%j can be guessed", (secret) => {
  expect(isGuessable(secret)).toBe(true);
});

test.each([
  ["openssl rand -hex 16", () => randomBytes(16).toString("hex")],
  ["openssl rand -hex 32", () => randomBytes(32).toString("hex")],
  ["a random UUID", () => crypto.randomUUID()],
])("what %s gives cannot be guessed", (_, random) => {
  const secrets = Array.from({ length: 200 }, random);
  expect(secrets.filter(isGuessable)).toEqual([]);
});

/** Some have no digit at all, or read like words. */
test.each([
  ["openssl rand -base64 24", () => randomBytes(24).toString("base64")],
  ["openssl rand -base64 32", () => randomBytes(32).toString("base64")],
  ["24 bytes as Base64url", () => randomBytes(24).toString("base64url")],
])("of what %s gives, nearly all of it cannot be guessed", (_, random) => {
  const secrets = Array.from({ length: 250 }, random);
  expect(secrets.filter(isGuessable).length).toBeLessThan(20);
});
