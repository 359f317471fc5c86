/** What the double keeps: secrets with their versions and staging labels, by region and name. */

export interface StoredSecret {
  region: string;
  name: string;
  arn: string;
  description: string | undefined;
  tags: { Key: string; Value: string }[];
  createdAtMs: number;
  /** In the order of their writing, by their id, which is the ClientRequestToken. */
  versions: Map<string, StoredVersion>;
}

export interface StoredVersion {
  text: string;
  stages: Set<string>;
  createdAtMs: number;
}

export interface Secrets {
  readonly all: readonly StoredSecret[];
  /** By name or by ARN; null without one. */
  find(region: string, id: string): StoredSecret | null;
  add(secret: Pick<StoredSecret, "region" | "name" | "description" | "tags">): StoredSecret;
}

const ACCOUNT = "123456789012";

export function createSecrets(): Secrets {
  const all: StoredSecret[] = [];
  return {
    all,
    find: (region, id) =>
      all.find((secret) => secret.region === region && (secret.name === id || secret.arn === id)) ?? null,
    add(wish) {
      // Secrets Manager adds a hyphen and six characters.
      const suffix = String(all.length + 1).padStart(6, "0");
      const arn = `arn:aws:secretsmanager:${wish.region}:${ACCOUNT}:secret:${wish.name}-${suffix}`;
      const secret = { ...wish, arn, createdAtMs: Date.now(), versions: new Map() };
      all.push(secret);
      return secret;
    },
  };
}

/** A secret's first version is current, whatever labels it was given. One without labels stays for a day at least. */
export function addVersion(
  secret: StoredSecret,
  id: string,
  text: string,
  labels: readonly string[] = ["AWSCURRENT"],
): void {
  const isFirst = secret.versions.size === 0;
  secret.versions.set(id, { text, stages: new Set(), createdAtMs: Date.now() });
  for (const label of new Set(isFirst ? [...labels, "AWSCURRENT"] : labels)) moveLabel(secret, label, id);
}

/** A label is on one version at most; that from which AWSCURRENT goes becomes the previous one. */
export function moveLabel(
  { versions }: Pick<StoredSecret, "versions">,
  label: string,
  to: string | null,
): void {
  const from = holderOf({ versions }, label);
  if (from === to) return;
  if (from !== null) versions.get(from)?.stages.delete(label);
  if (to !== null) versions.get(to)?.stages.add(label);
  if (label === "AWSCURRENT" && from !== null) moveLabel({ versions }, "AWSPREVIOUS", from);
}

/** The id of the version that has the label; null where none has it. */
export function holderOf({ versions }: Pick<StoredSecret, "versions">, label: string): string | null {
  return [...versions].find(([, { stages }]) => stages.has(label))?.[0] ?? null;
}

export function renderState({ all }: Secrets) {
  return all.map(({ versions, ...secret }) => ({
    ...secret,
    versions: [...versions].map(([id, { text, stages }]) => ({ id, text, stages: [...stages] })),
  }));
}
