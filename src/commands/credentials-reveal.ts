import type { UserSource } from "../cognito/source.ts";
import { createUserSource } from "../cognito/user-pool.ts";
import type { Migration } from "../domain/migration.ts";
import type { ConfigurationPage, IdentityProvider } from "../domain/pool.ts";
import { UsageError } from "../exit.ts";
import { askPatiently, askSource, sourceSentence } from "./ask.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { say } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";
import { terminalOnly } from "./terminal-only.ts";

interface RevealOptions extends Choice {
  force?: boolean;
}

type Pool = Migration["source"];

export async function reveal(name: string, options: RevealOptions): Promise<void> {
  terminalOnly("A secret", options);
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  const { source: pool } = await withLedger(
    ledger,
    async () => (await chooseMigration(ledger, options, settings)).file,
  );
  const source = createUserSource(pool);
  try {
    const { clientId, clientSecret, type } = await readProvider(source, pool, name);
    if (clientSecret === null) throw new UsageError(noSecretSentence(name, type));
    say(`client id       ${clientId ?? "none"}\nclient secret   ${clientSecret.reveal()}`);
  } finally {
    source.close();
  }
}

async function readProvider(source: UserSource, pool: Pool, name: string): Promise<IdentityProvider> {
  const answer = await askPatiently(() => source.describeIdentityProvider(name));
  if (answer.ok) return answer.value;
  // A name that no provider could have is refused instead.
  if (answer.problem !== "not_found" && answer.problem !== "refused")
    throw new UsageError(sourceSentence(pool, answer));
  const names = await readNames(source, pool);
  if (names.includes(name)) throw new UsageError(sourceSentence(pool, answer));
  throw new UsageError(
    names.length === 0
      ? `The pool ${pool.userPoolId} has no identity providers.`
      : `The pool ${pool.userPoolId} has no identity provider "${name}"; it has: ${names.join(", ")}.`,
  );
}

async function readNames(source: UserSource, pool: Pool): Promise<string[]> {
  const names: string[] = [];
  for (let token: string | null = null; ; ) {
    const from: string | null = token;
    const page: ConfigurationPage<string> = await askSource(pool, () => source.listIdentityProviders(from));
    names.push(...page.items);
    token = page.nextToken;
    if (token === null) return names;
  }
}

function noSecretSentence(name: string, type: string): string {
  switch (type) {
    case "SAML":
      return `The provider ${name} speaks SAML, which knows no client secret.`;
    case "SignInWithApple":
      return `Cognito keeps the private key of ${name} to itself; make a new key in the Apple developer account.`;
    default:
      return `Cognito has no client secret for the provider ${name} (${type}); take it from the provider's own console.`;
  }
}
