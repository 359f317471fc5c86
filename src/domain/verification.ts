/** What a comparison of the destination with what was written came to, in one word. */
export type Verification = "verified" | "differs";

export function verificationOf(differences: number): Verification {
  return differences === 0 ? "verified" : "differs";
}
