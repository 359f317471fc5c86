/**
 * The rows of a CSV file as RFC 4180 describes it, from its text in pieces of any size. The last line needs no end.
 */
export async function* csvRows(pieces: AsyncIterable<string>): AsyncGenerator<string[]> {
  let row: string[] = [];
  let field = "";
  /** "closing": after a quote that either ends a quoted field or, with another one behind it, stands for itself. */
  let state: "plain" | "quoted" | "closing" = "plain";
  for await (const piece of pieces)
    for (const character of piece) {
      if (state === "quoted") {
        if (character === '"') state = "closing";
        else field += character;
      } else if (character === '"') {
        if (state === "closing") field += '"';
        state = "quoted";
      } else {
        state = "plain";
        if (character === "," || character === "\n") {
          row.push(field);
          field = "";
        } else if (character !== "\r") field += character;
        if (character === "\n") {
          yield row;
          row = [];
        }
      }
    }
  if (field !== "" || row.length > 0) yield [...row, field];
}
