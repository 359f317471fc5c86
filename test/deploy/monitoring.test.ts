import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { startBridge } from "../bridge/rig.ts";
import { anchors, page } from "../docs/pages.ts";
import { setStage } from "../faults/stage.ts";
import { freePort } from "../setup/free-port.ts";
import { missingIn, type Scrape, scraped, selectorsOf } from "./promql.ts";

const { groups } = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.strictObject({
            alert: z.string().regex(/^Spillway\w+$/),
            expr: z.string(),
            for: z.string().optional(),
            labels: z.object({ severity: z.enum(["warning", "critical"]) }),
            annotations: z.strictObject({
              summary: z.string(),
              description: z.string(),
              runbook_url: z.string().regex(/^docs\/[\w-]+\.md#[\w-]+$/),
            }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readFileSync("deploy/prometheus/rules.yml", "utf8")));
const rules = groups.flatMap((group) => group.rules);

const { panels } = z
  .object({
    panels: z.array(
      z.looseObject({ title: z.string(), targets: z.array(z.looseObject({ expr: z.string() })).default([]) }),
    ),
  })
  .parse(JSON.parse(readFileSync("deploy/grafana/dashboard.json", "utf8")));

/** By where it stands. */
const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
];

/** Prometheus makes this one itself, for each target. */
const OF_PROMETHEUS = "up";

/** What of the series of these names, in rules and dashboard, is not in the scrape. */
function missing(scrape: Scrape, names: RegExp): string[] {
  return expressions.flatMap(({ where, expr }) =>
    selectorsOf(expr)
      .filter(({ name }) => names.test(name))
      .flatMap((selector) => missingIn(scrape, selector).map((what) => `${where}: ${what}`)),
  );
}

test("a worker serves every series that alerts and dashboard ask for, from the first event on", {
  timeout: 180_000,
}, async () => {
  const stage = await setStage({ users: 20 });
  const address = `127.0.0.1:${await freePort()}`;
  await stage.startWorker({ SPILLWAY_METRICS_ADDRESS: address }).ready();
  const scrape = async () => scraped(await (await fetch(`http://${address}/metrics`)).text());

  // Whoever asks how much a counter grew has to know it before it grows.
  expect(missing(await scrape(), /^spillway_(?!bridge)/)).toEqual([]);

  await (await stage.start()).result();
  const { client, taskQueue, workflowId } = stage;
  // Temporal counts failed runs from the first one on.
  const failing = client.workflow.execute("redriveMigration", { workflowId, taskQueue, args: [{}] });
  await expect(failing).rejects.toThrow();
  await expect.poll(async () => missing(await scrape(), /^(temporal|spillway_(?!bridge))/)).toEqual([]);
});

test("what a run counts has the labels that stood at zero before", { timeout: 180_000 }, async () => {
  const stage = await setStage({ users: 20 });
  const address = `127.0.0.1:${await freePort()}`;
  await stage.startWorker({ SPILLWAY_METRICS_ADDRESS: address }).ready();
  const series = async () => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    return [...text.matchAll(/^(spillway_\w+(?:\{.*\})?) /gm)].map(([, one]) => one);
  };
  const before = await series();
  await (await stage.start()).result();
  expect(await series()).toEqual(before);
});

test("a run that parks is counted by its code, without a webhook as well", { timeout: 180_000 }, async () => {
  const stage = await setStage({ users: 1 });
  const address = `127.0.0.1:${await freePort()}`;
  await stage.startWorker({ SPILLWAY_METRICS_ADDRESS: address }).ready();
  stage.workos.setOptions({ key: "sk_test_another" });
  await stage.start();
  const parked = /^spillway_waits\{.*code="access_lost_destination".*\} 1$/m;
  await expect.poll(async () => (await fetch(`http://${address}/metrics`)).text()).toMatch(parked);
});

test("a bridge serves every series that alerts and dashboard ask for", async () => {
  const rig = await startBridge();
  const scrape = async () => scraped(await (await fetch(`${rig.url}/metrics`)).text());
  expect(missing(await scrape(), /^spillway_bridge_(?!seconds)/)).toEqual([]);
  await rig.signIn("nobody@example.com");
  expect(missing(await scrape(), /^spillway_bridge/)).toEqual([]);
});

test("every series of alerts and dashboard is a worker's, a bridge's or Prometheus's", () => {
  const names = expressions.flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name));
  const others = names.filter((name) => name !== OF_PROMETHEUS && !/^(spillway|temporal)_/.test(name));
  expect(others).toEqual([]);
  expect(names.length).toBeGreaterThan(20);
});

test.each(rules.map(({ alert, annotations }) => [alert, annotations.runbook_url]))(
  "%s leads to what to do, %s",
  (_, url) => {
    const [path = "", anchor = ""] = url.split("#");
    expect(anchors(page(path))).toContain(anchor);
  },
);

test("a series that is not there, a label and a value of it are told", () => {
  const scrape = scraped('a{x="1"} 3\nb 2\n# HELP c\n');
  const of = (expression: string) => selectorsOf(expression).flatMap((one) => missingIn(scrape, one));
  expect(of('sum by (x) (a{x=~"1|2"})')).toEqual(['a{x="2"}']);
  expect(of("rate(b[5m]) / c")).toEqual(["c"]);
  expect(of("sum by (y) (a)")).toEqual(["a by y"]);
  expect(() => of("sum(a")).toThrow("No PromQL");
});

test("Prometheus finds the rules beside its example", () => {
  const { rule_files } = z
    .object({ rule_files: z.array(z.string()) })
    .parse(parse(readFileSync("deploy/prometheus/prometheus.yml", "utf8")));
  expect(rule_files).toEqual(["rules.yml"]);
});
