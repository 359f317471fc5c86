import { html } from "hono/html";
import { UNPRINTABLE } from "../../domain/unprintable.ts";

/** A piece of the page: whatever is put into `html` is escaped, but for other pieces. */
export type Html = ReturnType<typeof html>;

/** A name from outside: what acts or hides in it is marked, and it turns the direction of nothing around it. */
export function named(name: string): Html {
  return html`<bdi>${printable(name)}</bdi>`;
}

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "\ufffd");
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? "" : `${((part / whole) * 100).toFixed(1)} %`;
}

/** A sentence of ours, whose commands stand in backticks. */
export function prose(sentence: string): Html[] {
  return sentence
    .split("`")
    .map((part, index) =>
      index % 2 === 1 ? html`<code>${printable(part)}</code>` : html`${printable(part)}`,
    );
}

/** To the second, by UTC; a narrow column breaks it between date and time. */
export function utc(ms: number): Html {
  const [date = "", time = ""] = new Date(ms).toISOString().slice(0, 19).split("T");
  return html`<time>${date}</time> <time>${time}</time>`;
}

/** For what is no template of ours. */
export function escaped(text: string): string {
  return `${html`${text}`}`;
}
