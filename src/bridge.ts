import "./compile-cache.ts";
import type { Settings } from "./settings.ts";

const { wrongUse } = await import("./exit.ts");
const { readSettings } = await import("./settings.ts");

const settings = readSettings();
if (!settings.ok) wrongUse(settings.sentence);
else await run(settings.value).catch(wrongUse);

/** Serves until SIGTERM or SIGINT. */
async function run(value: Settings): Promise<void> {
  const { serveBridge } = await import("./bridge/serve.ts");
  const serving = await serveBridge(value);
  const { ledger } = serving.bridge.context.deps;
  serving.bridge.context.logger.info({ url: serving.url, ledger: ledger.id }, "bridge started");
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  await serving.close();
}
