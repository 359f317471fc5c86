import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentText } from "../../tools/playground/environment-text.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

test.each(["sh", "bash"])(
  "in %s the playground's file takes out each setting that it does not make",
  (shell) => {
    const file = join(freshFolder(), "playground.env");
    writeFileSync(file, environmentText({ WORKOS_API_KEY: "it's one", TEMPORAL_ADDRESS: "127.0.0.1:7" }));
    const env = {
      PATH: process.env.PATH,
      SPILLWAY_ALERT_WEBHOOK: "https://alerts.example.com",
      SPILLWAY_TASK_QUEUE: "mine",
      TEMPORAL_API_KEY: "a\nTEMPORAL_X=b",
      TEMPORAL_ADDRESS: "mine:7233",
      AWS_SESSION_TOKEN: "mine",
      WORKOS_CLIENT_ID: "mine",
      LOG_LEVEL: "debug",
      OTHER_AWS_KEY: "stays",
      LOG_LEVELS: "stays",
    };
    const told = execFileSync(shell, ["-c", '. "$0" && env -0', file], { env, encoding: "utf8" });
    const set = told.split("\0").filter((one) => /^(OTHER_)?(SPILLWAY|TEMPORAL|AWS|WORKOS|LOG)_/.test(one));
    expect(set.toSorted()).toEqual([
      "LOG_LEVELS=stays",
      "OTHER_AWS_KEY=stays",
      "TEMPORAL_ADDRESS=127.0.0.1:7",
      "WORKOS_API_KEY=it's one",
    ]);
  },
);
