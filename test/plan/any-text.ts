import fc from "fast-check";

/** Anything that JavaScript holds, with more of what databases and JSON stumble over than chance would bring. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\u0000",
        "\ud800",
        "\udc00",
        "\ufffd",
        "\\u0000",
        "\\",
        '"',
        "{",
        "}",
        ",",
        "\n",
        "🙂",
      ),
      fc.constantFrom("0", "00", "d800", "fffd", " ", "a", "A", "NULL", "'"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 2 }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(""));
