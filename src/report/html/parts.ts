import { html } from "hono/html";
import type { Html } from "./words.ts";

/** What every section is built of. */

export type Cell = Html | readonly Html[] | string;

export interface Section {
  /** Of the anchor. */
  id: string;
  title: string;
  body: Html;
}

/** Those of the columns that hold numbers stand to the right. The first cell of a row is its name. */
export function table(
  caption: string,
  header: readonly (string | { number: string })[],
  rows: readonly (readonly Cell[])[],
): Html {
  const isNumber = header.map((one) => typeof one !== "string");
  const title = (one: string | { number: string }) => (typeof one === "string" ? one : one.number);
  const classOf = (column: number) => (isNumber[column] ? "number" : "text");
  const cell = (content: Cell, column: number) =>
    column === 0
      ? html`<th scope="row" class="${classOf(column)}">${content}</th>`
      : html`<td class="${classOf(column)}">${content}</td>`;
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${header.map((one, column) => html`<th scope="col" class="${classOf(column)}">${title(one)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`;
}

/** A name with what it means, for columns that a phone has room for. */
export function noted(name: Cell, note: Cell): Html {
  return html`${name}<div class="note">${note}</div>`;
}

/** A picture of what a table beside it says: readers of screens hear its one sentence. */
export function figure(says: string, chart: Html): Html {
  return html`<figure><div role="img" aria-label="${says}">${chart}</div><figcaption>${says}</figcaption></figure>`;
}

/** Names of the lines of a chart, by their colours. */
export function legend(names: readonly string[]): Html {
  const entry = (name: string, index: number) =>
    html`<li><span class="swatch series-${index + 1}"></span>${name}</li>`;
  return html`<ul class="legend">${names.map(entry)}</ul>`;
}
