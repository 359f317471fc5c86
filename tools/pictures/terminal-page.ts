import type { Browser } from "playwright-core";
import type { Cell, Rows } from "./terminal-screen.ts";

const STYLE = `
  body { margin: 0; background: #16181d; }
  pre { margin: 0; padding: 14px 18px; width: max-content; color: #d7dae0; font: 14px/1.35 "DejaVu Sans Mono", monospace; }
  .red { color: #ff7b72; } .green { color: #7ee787; } .yellow { color: #e3b341; }
`;

/** What stands on a terminal, as wide as it is. */
export async function terminalPicture(browser: Browser, columns: number, rows: Rows): Promise<Buffer> {
  const html = `<meta charset="utf-8"><style>${STYLE} pre { min-width: ${columns}ch; }</style><pre>${rows.map((row) => rowHtml(row)).join("\n")}</pre>`;
  const page = await browser.newPage({ deviceScaleFactor: 1.5 });
  try {
    await page.setContent(html);
    return await page.locator("pre").screenshot();
  } finally {
    await page.close();
  }
}

function rowHtml(row: readonly Cell[]): string {
  return row
    .map(({ character, colour }) => {
      const text = character.replace(/[&<]/, (special) => (special === "&" ? "&amp;" : "&lt;"));
      return colour === null ? text : `<span class="${colour}">${text}</span>`;
    })
    .join("");
}
