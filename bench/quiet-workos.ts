import { parseArgs } from "node:util";
import { startWorkosDouble } from "../test/doubles/workos/double.ts";
import { optionsSchema } from "../test/doubles/workos/options.ts";

/** The WorkOS double as a process that keeps no journal, so that its memory is that of its users alone. */

const { values } = parseArgs({ options: { options: { type: "string", default: "{}" } } });
const { url, key, clientId, journal } = await startWorkosDouble({
  options: optionsSchema.parse(JSON.parse(values.options)),
});
journal.enabled = false;
console.log(JSON.stringify({ url, key, clientId }));
