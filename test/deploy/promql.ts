import { parser } from "@prometheus-io/lezer-promql";

/** A series as an expression asks for it: its name, and what it wants of its labels. */
export interface Selector {
  name: string;
  /** By label: the values that would do, as a regular expression. Null for one that is only grouped by. */
  labels: ReadonlyMap<string, RegExp | null>;
}

/** Every series of a PromQL expression, with the labels that it is matched, and grouped, by. Throws where it is wrong. */
export function selectorsOf(expression: string): Selector[] {
  const selectors: { name: string; labels: Map<string, RegExp | null> }[] = [];
  const grouped: string[] = [];
  // Grafana puts a duration in place of its variables.
  const text = expression.replaceAll(/\$__(rate_interval|range)/g, "5m");
  parser.parse(text).iterate({
    enter(node) {
      const part = text.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`No PromQL at ${node.from}: ${text}`);
      if (node.name === "VectorSelector") selectors.push({ name: "", labels: new Map() });
      const last = selectors.at(-1);
      if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector" && last !== undefined)
        last.name = part;
      if (node.name === "UnquotedLabelMatcher" && last !== undefined) addMatcher(last.labels, part);
      if (node.name === "LabelName" && node.node.parent?.name === "GroupingLabels") grouped.push(part);
    },
  });
  return selectors.map(({ name, labels }) => ({
    name,
    labels: new Map([...grouped.map((label) => [label, null] as const), ...labels]),
  }));
}

function addMatcher(labels: Map<string, RegExp | null>, matcher: string): void {
  const [, label = "", how = "", value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(matcher) ?? [];
  const pattern = how.includes("~") ? value : value.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  labels.set(label, how.startsWith("!") ? null : new RegExp(`^(?:${pattern})$`));
}

/** What was scraped: for each series its label sets. */
export type Scrape = ReadonlyMap<string, readonly ReadonlyMap<string, string>[]>;

export function scraped(text: string): Scrape {
  const series = new Map<string, ReadonlyMap<string, string>[]>();
  for (const [, name = "", labels = ""] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const set = new Map(pairs.map(([, label = "", value = ""]) => [label, value]));
    series.set(name, [...(series.get(name) ?? []), set]);
  }
  return series;
}

/** What an expression asks for that was not scraped; a value of a label has to be there for each alternative. */
export function missingIn(scrape: Scrape, { name, labels }: Selector): string[] {
  const sets = scrape.get(name);
  if (sets === undefined) return [name];
  return [...labels].flatMap(([label, wanted]) => {
    const values = sets.flatMap((set) => set.get(label) ?? []);
    if (wanted === null) return values.length > 0 ? [] : [`${name} by ${label}`];
    const alternatives = wanted.source.slice("^(?:".length, -")$".length).split("|");
    const absent = alternatives.filter(
      (one) => !values.some((value) => new RegExp(`^(?:${one})$`).test(value)),
    );
    return absent.map((one) => `${name}{${label}="${one}"}`);
  });
}
