import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isGuessable } from "../../src/domain/guessable.ts";

const digest = (algorithm: string, word: string, encoding: "hex" | "base64" = "hex") =>
  createHash(algorithm).update(word).digest(encoding);

/** Two of its digits are overwritten. */
const asUuid = (hex: string) =>
  hex.replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/,
    (_, ...[a, b, c, d, e]) => `${a}-${b}-4${c}-a${d}-${e}`,
  );

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
  ...["md5", "sha1", "sha256", "sha512", "sha512-256", "sha3-256", "blake2b512", "ripemd160"].flatMap(
    (algorithm) =>
      [
        "",
        "password",
        "secret\n",
        "changeme",
        "admin",
        "Password123",
        "P@ssw0rd",
        "ADMIN",
        "Spillway",
      ].flatMap((word) => {
        const hash = digest(algorithm, word);
        return [hash, hash.toUpperCase(), digest(algorithm, word, "base64")];
      }),
  ),
  ...["password", "secret", "admin"].flatMap((word) => {
    const hash = digest("sha256", word);
    const base64 = digest("sha256", word, "base64");
    return [
      hash.slice(0, 32),
      hash.slice(0, 40),
      base64.slice(0, 40),
      digest("md5", word).repeat(2),
      asUuid(hash),
    ];
  }),
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
