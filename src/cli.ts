import "./compile-cache.ts";

const { main } = await import("./commands/program.ts");

await main(process.argv.slice(2));
// Temporal's runtime keeps the process alive where it was installed and never connected.
process.exit();
