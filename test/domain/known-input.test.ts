import { expect, test } from "vitest";
import { parseRedrive } from "../../src/domain/redrive-input.ts";
import { parseUndo } from "../../src/domain/undo.ts";
import { parseVerify } from "../../src/domain/verify-input.ts";
import { parseFile } from "./parse-file.ts";

/** What a run is started with may come from anybody's hand, and stands in the sentence with which it fails. */

const POOL = "eu-west-1_AbCdEfGhI";
const RIGHT = { userPoolId: POOL, destination: { kind: "workos" } };
const HUGE = "x".repeat(1_050_000);
const ACTING = "`a\n\u202eb";

const PARSERS = { parseRedrive, parseVerify, parseUndo };

test.each(Object.entries(PARSERS))(
  "%s refuses what is huge or acts in one short plain sentence",
  (_, parse) => {
    const wrong: unknown[] = [
      null,
      [],
      "x",
      { ...RIGHT, userPoolId: HUGE },
      { ...RIGHT, userPoolId: ACTING },
    ];
    wrong.push({ ...RIGHT, destination: { kind: HUGE } }, { ...RIGHT, destination: { kind: "" } });
    wrong.push({ ...RIGHT, [ACTING]: 1 }, { ...RIGHT, [HUGE]: 1 });
    for (const input of wrong) {
      const parsed = parse(input);
      const sentence = parsed.ok ? "" : parsed.sentence;
      expect(sentence).toMatch(/^The input of the \w+ is wrong: [\x20-\x5f\x61-\x7e…]+\.$/);
      expect(sentence.length).toBeLessThan(250);
    }
  },
);

test("each takes the migration that it is about, an undo its pool twice", () => {
  expect(parseRedrive(RIGHT)).toEqual({ ok: true, value: RIGHT });
  expect(parseVerify(RIGHT)).toEqual({ ok: true, value: RIGHT });
  const undo = { ...RIGHT, confirm: POOL };
  expect(parseUndo(undo)).toEqual({ ok: true, value: { ...undo, signedInSince: "keep" } });
  expect(parseUndo({ ...RIGHT, confirm: HUGE })).toMatchObject({
    sentence: `The input of the undo is wrong: "confirm" must be the pool's id, "${POOL}": an undo removes accounts.`,
  });
});

test("of a migration file a huge key, or one that acts, is named in short as well", () => {
  const source = { region: "eu-west-1", userPoolId: POOL };
  const file = { source, destination: { kind: "workos" } };
  for (const key of [HUGE, ACTING])
    for (const wrong of [
      { ...file, [key]: 1 },
      { ...file, attributes: { [key]: 1 } },
    ]) {
      const parsed = parseFile(wrong);
      const sentence = parsed.ok ? "" : parsed.sentence;
      expect(sentence).toMatch(/^The migration file is wrong: [\x20-\x5f\x61-\x7e…]+\.$/);
      expect(sentence.length).toBeLessThan(300);
    }
});
