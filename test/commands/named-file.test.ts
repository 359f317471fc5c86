import { expect, test } from "vitest";
import { withFile } from "../../src/commands/named-file.ts";

test("where the file is known, commands name it in place of what stands for it", () => {
  const text = "`./spillway decide FILE` asks; `./spillway migrate migration.json --restart` or this:";
  const start = "./temporal workflow start --workflow-id w --input-file migration.json";
  expect(withFile(text, "a b.json")).toBe(
    "`./spillway decide 'a b.json'` asks; `./spillway migrate 'a b.json' --restart` or this:",
  );
  expect(withFile(start, "/tmp/pilot.json")).toBe(
    "./temporal workflow start --workflow-id w --input-file /tmp/pilot.json",
  );
  expect(withFile("./spillway plan FILE", "-x")).toBe("./spillway plan -- -x");
  expect(withFile(text, null)).toBe(text);
});
