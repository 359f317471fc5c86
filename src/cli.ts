import { main } from "./commands/program.ts";

await main(process.argv.slice(2));
