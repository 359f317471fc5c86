import { register, VENDORS } from "../../src/destinations/registry.ts";
import { wrongUse } from "../../src/exit.ts";
import { readSettings } from "../../src/settings.ts";
import { runWorker } from "../../src/temporal/run-worker.ts";
import { bulk, partial } from "../doubles/bulk/vendors.ts";

/** The worker of `src/worker.ts`, with two more vendors in its registry. */
const settings = readSettings(process.env, [...VENDORS, register(bulk), register(partial)]);
if (!settings.ok) wrongUse(settings.sentence);
else await runWorker(settings.value).catch(wrongUse);
