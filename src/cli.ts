import "./compile-cache.ts";
import { setImmediate } from "node:timers/promises";

const { main } = await import("./commands/program.ts");

await main(process.argv.slice(2));
// What could not be printed is told a moment later.
await setImmediate();
// Temporal's runtime keeps the process alive where it was installed and never connected.
process.exit();
