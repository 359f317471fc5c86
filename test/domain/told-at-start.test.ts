import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { toldOfMigration } from "../../src/domain/told-at-start.ts";
import { migrationOf } from "./parse-file.ts";

const source = { region: "eu-west-1", userPoolId: "eu-west-1_A" };

function detailsOf(changes: Partial<MigrationFile>): string {
  const file = migrationOf({ source, destination: { kind: "workos" }, ...changes });
  return toldOfMigration(file, "WorkOS", "client_1").details;
}

test("which mails wait for an approval is told as it is of every run, also after others have mailed", () => {
  const mailing = (canary: number) => ({
    passwordResets: { send: true, unverified: "skip", canary } as const,
  });
  expect(detailsOf(mailing(2))).toContain(
    "Reset mails: sent by the destination; the first 2 of all runs unasked; the others wait for an approval, unless an earlier one covers them",
  );
  expect(detailsOf(mailing(0))).toContain("sent by the destination; they wait for an approval, unless");
  expect(detailsOf({ ...mailing(2), dryRun: true })).toContain("Reset mails: none");
});

test("where no worker answers, the Temporal UI has the command that tells what to do", () => {
  expect(detailsOf({})).toMatch(
    /no worker answers\. What to do:\n\n```\n\.\/spillway watch eu-west-1_A\n```\n\n- User pool/,
  );
});
