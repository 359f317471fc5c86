import { toldOf } from "../domain/told-at-start.ts";
import { nameOf } from "./ask.ts";
import type { Choice } from "./choose-migration.ts";
import { knownMigrationHere } from "./known-migration.ts";
import { placeOf } from "./preflight.ts";

/** Compares what stands with what was written, here and now: a pipeline goes on with its exit code. */
export async function verify(pool: string, choice: Pick<Choice, "environment">): Promise<void> {
  const { settings, migration } = await knownMigrationHere(pool, choice);
  const { workToEnd } = await import("./work-to-end.ts");
  await workToEnd(settings, {
    workflowType: "verifyMigration",
    verb: "verify",
    userPoolId: pool,
    environment: migration.environment,
    told: toldOf("verify", {
      userPoolId: pool,
      vendor: nameOf(migration.destinationKind),
      environment: migration.environment,
    }),
    input: { userPoolId: pool, destination: placeOf(migration) },
    mayAttach: true,
    next: (summary) =>
      summary.mode === "verify" && summary.differences > 0
        ? "For each difference and what mends it: ./spillway report --out report"
        : null,
  });
}
