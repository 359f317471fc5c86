/** Every workflow, for the bundle that workers run. */
export { migrateUserPool } from "./migrate-user-pool.ts";
export { redriveMigration } from "./redrive-migration.ts";
export { undoMigration } from "./undo-migration.ts";
export { verifyMigration } from "./verify-migration.ts";
