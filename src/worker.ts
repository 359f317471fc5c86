import "./compile-cache.ts";

const { wrongUse } = await import("./exit.ts");
const { workerSettings } = await import("./settings.ts");

const settings = workerSettings();
if (!settings.ok) wrongUse(settings.sentence);
else {
  const { runWorker } = await import("./temporal/run-worker.ts");
  await runWorker(settings.value).catch(wrongUse);
}
// Temporal's runtime keeps the process alive where it was installed and never connected: a supervisor has to see the end.
process.exit();
