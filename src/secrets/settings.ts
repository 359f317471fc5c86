import { z } from "zod";

/** The region of `aws-secrets-manager` is the SDK's own: AWS_REGION or the profile. */
export type SecretsSetting = { kind: "file"; path: string } | { kind: "aws-secrets-manager"; prefix: string };

/** Names of secrets: ASCII letters, digits and these, 512 in all (Secrets Manager API, `CreateSecret`, `Name`). */
const SECRET_PREFIX = /^[\w/+=.@-]+$/;
const SECRET_NAME_MAX_LENGTH = 512;
/** After the prefix: a pool id, "/" and an app client id, at their longest (Cognito API). */
const SECRET_NAME_ROOM = 55 + 1 + 128;
const SECRET_PREFIX_MAX_LENGTH = SECRET_NAME_MAX_LENGTH - SECRET_NAME_ROOM;

/** Where secrets go that a destination shows only once. */
export const secretsPlace = z.string().transform((value, context): SecretsSetting => {
  const [, kind, rest = ""] = /^(file|aws-secrets-manager):(.+)$/.exec(value) ?? [];
  if (kind === "file") return { kind, path: rest };
  if (kind === "aws-secrets-manager" && isSecretPrefix(rest)) return { kind, prefix: rest };
  const message =
    kind === undefined
      ? "must be file:<path> or aws-secrets-manager:<prefix>, for example aws-secrets-manager:spillway/"
      : `must have a prefix of letters, digits and /_+=.@- only, at most ${SECRET_PREFIX_MAX_LENGTH} characters`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

function isSecretPrefix(prefix: string): boolean {
  return SECRET_PREFIX.test(prefix) && prefix.length <= SECRET_PREFIX_MAX_LENGTH;
}
