import { Client, Connection } from "@temporalio/client";
import { expect, onTestFinished } from "vitest";
import { page as pageOf, section } from "../docs/pages.ts";
import { inBrowser, launchBrowser } from "../setup/chromium.ts";
import { freePort } from "../setup/free-port.ts";
import { startTemporal } from "../setup/temporal-server.ts";

const PRINTED = "http://localhost:8233";

/** What the links of the page say, by the name of the view. */
const links = [...section("docs/temporal.md", "Views of the UI").matchAll(/^- \[\w+\]\((\S+)\)/gm)].map(
  ([, link = ""]) => link,
);

inBrowser("each link of the page saves its view, and shows the runs that it asks for", async () => {
  expect(links).toHaveLength(3);
  expect(pageOf("docs/temporal.md").split(PRINTED)).toHaveLength(links.length + 1);
  const blocked = new URL(links[0] ?? "").searchParams.get("query");
  expect(pageOf("docs/temporal.md")).toContain(`./temporal workflow list --query '${blocked}'`);
  const uiPort = await freePort();
  const server = await startTemporal({ port: await freePort(), headless: false, uiPort });
  onTestFinished(() => server.stop());
  const connection = await Connection.connect({ address: server.address });
  onTestFinished(() => connection.close());
  const { workflow } = new Client({ connection });
  const start = (workflowId: string, searchAttributes: Record<string, string[]>) =>
    workflow.start("migrateUserPool", { workflowId, taskQueue: "nobody", searchAttributes });
  await start("migrate-blocked", { MigrationState: ["Blocked"] });
  await start("migrate-waiting", { MigrationState: ["Waiting"] });
  const over = await start("migrate-over", { MigrationState: ["Blocked"] });
  await over.terminate();

  const tab = await (await launchBrowser()).newPage();
  const views: unknown[] = [];
  for (const link of links) {
    await tab.goto(link.replace(PRINTED, `http://127.0.0.1:${uiPort}`));
    const name = new URL(link).searchParams.get("savedQuery");
    const query = new URL(link).searchParams.get("query");
    await expect
      .poll(() => tab.evaluate(() => JSON.stringify(localStorage)))
      .toContain(`\\"name\\":\\"${name}\\"`);
    await tab
      .getByText(name === "Waiting" ? "migrate-waiting" : "migrate-blocked")
      .first()
      .waitFor();
    const shown = ["migrate-blocked", "migrate-waiting", "migrate-over"];
    const counts = await Promise.all(shown.map((id) => tab.getByRole("link", { name: id }).count()));
    views.push([name, query, shown.filter((_, at) => counts[at] !== 0)]);
  }
  expect(views).toEqual([
    ["Blocked", 'MigrationState="Blocked" AND ExecutionStatus="Running"', ["migrate-blocked"]],
    ["Waiting", 'MigrationState="Waiting" AND ExecutionStatus="Running"', ["migrate-waiting"]],
    ["Migrations", 'WorkflowType="migrateUserPool"', ["migrate-blocked", "migrate-waiting", "migrate-over"]],
  ]);
});
