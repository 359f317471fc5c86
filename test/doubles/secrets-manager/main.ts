import { parseArgs } from "node:util";
import { startSecretsManagerDouble } from "./double.ts";
import { optionsSchema } from "./options.ts";

/** The double as a process: prints `{"url"}` on one line and runs until it is ended. */

const { values } = parseArgs({ options: { port: { type: "string" }, options: { type: "string" } } });
const { url } = await startSecretsManagerDouble({
  port: Number(values.port ?? 0),
  options: optionsSchema.parse(JSON.parse(values.options ?? "{}")),
});
console.log(JSON.stringify({ url }));
