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

/** The new version is current, the one before is the previous one, and older ones have no label. */
export function addVersion({ versions }: StoredSecret, id: string, text: string): void {
  for (const { stages } of versions.values()) {
    stages.delete("AWSPREVIOUS");
    if (stages.delete("AWSCURRENT")) stages.add("AWSPREVIOUS");
  }
  versions.set(id, { text, stages: new Set(["AWSCURRENT"]), createdAtMs: Date.now() });
}

export function renderState({ all }: Secrets) {
  return all.map(({ versions, ...secret }) => ({
    ...secret,
    versions: [...versions].map(([id, { text, stages }]) => ({ id, text, stages: [...stages] })),
  }));
}
