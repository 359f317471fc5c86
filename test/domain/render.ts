import { marked, type Token } from "marked";

/** What GitHub-flavoured Markdown becomes, in the order in which it stands there, with what is inside of it. */
export function renderedTokens(markdown: string): Token[] {
  const tokens: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void tokens.push(token));
  return tokens;
}

/** Kinds that foreign text must never become. */
const ACTIVE = ["link", "image", "html", "heading", "blockquote", "def", "hr"];

export function activeTokens(markdown: string): string[] {
  return renderedTokens(markdown)
    .filter(({ type }) => ACTIVE.includes(type))
    .map(({ type, raw }) => `${type}: ${raw}`);
}
