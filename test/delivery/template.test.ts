import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFAULT_TEMPLATE } from "../../src/delivery/default-template.ts";
import { fill, loadTemplate, parseTemplate } from "../../src/delivery/template.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const VALUES = { link: "https://id.example.com/?a=1&b=<2>", expires: "2026-11-22 14:05 UTC", sub: "$& $1" };

function filled(content: string) {
  const parsed = parseTemplate(content, "mail.txt");
  return parsed.ok ? fill(parsed.value, VALUES) : parsed;
}

test("the built-in text says all that a person needs", async () => {
  expect(await loadTemplate(null)).toEqual(parseTemplate(DEFAULT_TEMPLATE, "mail.txt"));
  const { subject, text, html } = { html: undefined, text: "", subject: "", ...filled(DEFAULT_TEMPLATE) };
  expect(subject).toBe("Please set a new password");
  expect(text).toContain(`\n${VALUES.link}\n`);
  expect(text).toContain(VALUES.expires);
  expect(html).toBeNull();
});

test("a file's placeholders are filled, and those of HTML escaped", () => {
  const content = "Subject: For {{sub}}\n\n{{link}}\n{{link}} {{expires}}\n--- html ---\n<b>{{link}}</b>\n";
  expect(filled(content)).toEqual({
    subject: "For $& $1",
    text: `${VALUES.link}\n${VALUES.link} ${VALUES.expires}\n`,
    html: "<b>https://id.example.com/?a=1&amp;b=&lt;2&gt;</b>\n",
  });
});

test("line ends of Windows are no different", () => {
  const content = "Subject: Hello\n\nA\n\n{{link}}\n--- html ---\n<p>{{link}}</p>\n";
  expect(parseTemplate(content.replaceAll("\n", "\r\n"), "mail.txt")).toEqual(
    parseTemplate(content, "mail.txt"),
  );
});

test("braces of a style sheet are no placeholder", () => {
  const style = "<style>@media print{a{color:red}}</style>";
  expect(filled(`Subject: Hello\n\n{{link}}\n--- html ---\n${style}{{link}}`)).toMatchObject({
    html: expect.stringContaining(style),
  });
});

const KNOWN = "it may have {{link}}, {{expires}}, {{sub}}.";

test.each([
  ["", 'must begin with a line "Subject: …".'],
  ["Hello\n\n{{link}}", 'must begin with a line "Subject: …".'],
  ["Subject: \n\n{{link}}", 'must begin with a line "Subject: …".'],
  [
    "Subject: Hello\nBcc: eve@example.com\n\n{{link}}",
    "must have an empty line after its subject; it takes no other headers.",
  ],
  [
    "Subject: Hello\rBcc: eve@example.com\n\n{{link}}",
    "has a control character in its subject; write it as plain text.",
  ],
  ["Subject: {{link}}\n\n{{link}}", "has {{link}} in its subject; move it into the text."],
  ["Subject: Hello\n\nNo link.", "has no {{link}} in its text; put one in, or nobody can set a password."],
  [
    "Subject: Hello\n\n{{link}}\n--- html ---\nNo link.",
    "has no {{link}} in its HTML; put one in there as well.",
  ],
  ["Subject: Hello\n\n{{link}} {{name}}", `has {{name}}, which nothing fills; ${KNOWN}`],
  ["Subject: Hello\n\n{{link}} {{ link }}", `has {{ link }}, which nothing fills; ${KNOWN}`],
  ["Subject: {{email}}\n\n{{link}}", `has {{email}}, which nothing fills; ${KNOWN}`],
  ["Subject: Hello\n\n{{link}} {{expires}", `has {{ without its }}; ${KNOWN}`],
  [
    "Subject: Hello\n\n{{link}}\n--- html ---\n{{link}}\n--- html ---\n{{link}}",
    'has the line "--- html ---" twice; keep one.',
  ],
])("the template %j is one sentence", (content, said) => {
  expect(parseTemplate(content, "mail.txt")).toEqual({
    ok: false,
    sentence: `The mail template mail.txt ${said}`,
  });
});

test("a file that is not there, or no file, is one sentence", async () => {
  const folder = freshFolder();
  mkdirSync(join(folder, "folder"));
  for (const [name, why] of [
    ["none.txt", "it does not exist, or a folder on its path does not"],
    ["folder", "it is a folder"],
  ]) {
    const path = join(folder, name ?? "");
    const sentence = `The mail template ${path} cannot be read: ${why}; check SPILLWAY_MAIL_TEMPLATE.`;
    expect(await loadTemplate(path)).toEqual({ ok: false, sentence });
  }
});

test("a file of another encoding is one sentence", async () => {
  const path = join(freshFolder(), "mail.txt");
  writeFileSync(path, Buffer.from("Subject: F\u00fcr Sie\n\n{{link}}\n", "latin1"));
  const sentence = `The mail template ${path} is not UTF-8; save it as that.`;
  expect(await loadTemplate(path)).toEqual({ ok: false, sentence });
});
