import { wrongUse } from "./exit.ts";
import { readSettings } from "./settings.ts";
import { runWorker } from "./temporal/run-worker.ts";

const settings = readSettings();
if (!settings.ok) wrongUse(settings.sentence);
else await runWorker(settings.value).catch(wrongUse);
