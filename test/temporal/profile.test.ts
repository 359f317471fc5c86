import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readTemporalTarget } from "../../src/temporal/target.ts";
import { tlsSettings } from "../bridge/tls-files.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

let folder: string;

beforeEach(() => {
  folder = freshFolder();
  vi.stubEnv("HOME", folder);
  vi.stubEnv("XDG_CONFIG_HOME", "");
  vi.stubEnv("TEMPORAL_ADDRESS", "");
});
afterEach(() => void vi.unstubAllEnvs());

const KEY = "sk-of-temporal";

/** What is read with this profile file, and these settings. */
function read(text: string | null, settings: Record<string, string> = {}) {
  const path = join(folder, "temporal.toml");
  if (text !== null) {
    writeFileSync(path, text);
    vi.stubEnv("TEMPORAL_CONFIG_FILE", path);
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value.replace("FOLDER", folder));
  return readTemporalTarget();
}

test("a profile tells address, namespace, key and TLS, and variables go before it", () => {
  const text = `[profile.cloud]\naddress = "a.tmprl.cloud:7233"\nnamespace = "n.acc"\napi_key = "${KEY}"\n`;
  expect(read(text, { TEMPORAL_PROFILE: "cloud", TEMPORAL_NAMESPACE: "other.acc" })).toEqual({
    ok: true,
    value: {
      address: "a.tmprl.cloud:7233",
      namespace: "other.acc",
      options: { address: "a.tmprl.cloud:7233", apiKey: KEY, tls: true },
    },
  });
});

test("without a file and without settings it is the server of this machine", () => {
  expect(read(null)).toMatchObject({ ok: true, value: { address: "localhost:7233", namespace: "default" } });
});

const CLOUD = `[profile.cloud]\napi_key = "${KEY}"\n`;
const CERTIFICATE = { TEMPORAL_TLS_CLIENT_CERT_PATH: "FOLDER/cert.pem" };

test.each<[string, string | null, Record<string, string>, RegExp]>([
  [
    "a named file that is not there",
    null,
    { TEMPORAL_CONFIG_FILE: "FOLDER/x.toml" },
    /file \S+x\.toml cannot be read: it does not exist.*TEMPORAL_CONFIG_FILE\.$/,
  ],
  ["a folder for the file", null, { TEMPORAL_CONFIG_FILE: "FOLDER" }, /cannot be read: it is a folder;/],
  ["an empty file", "", {}, /temporal\.toml holds no profile, such as \[profile\.default\]; mend it/],
  ["a file of comments", "# nothing\n", {}, /holds no profile/],
  ["a file that is something else", "profile = 3\n", {}, /holds no profile/],
  ["a broken file", `${CLOUD}api_key = "${KEY}\n`, {}, /temporal\.toml is no TOML, at line 3; mend it/],
  [
    "an unknown profile",
    CLOUD,
    { TEMPORAL_PROFILE: "clod" },
    /has no profile "clod": set TEMPORAL_PROFILE to one that it has \(cloud\)\.$/,
  ],
  [
    "a profile without a file",
    null,
    { TEMPORAL_PROFILE: "cloud" },
    /names the profile "cloud", and there is no profile file/,
  ],
  [
    "a number for a text",
    "[profile.default]\naddress = 7233\n",
    {},
    /value of a wrong kind \(address\); check TEMPORAL_\* and \S+toml\.$/,
  ],
  [
    "a path and a text in the file",
    '[profile.default.tls]\nclient_cert_path = "a"\nclient_cert_data = "b"\n',
    {},
    /temporal\.toml names both client_cert_path and client_cert_data, of which one has to go/,
  ],
  [
    "a path and a text in the settings",
    null,
    { ...CERTIFICATE, TEMPORAL_TLS_CLIENT_CERT_DATA: "x" },
    /names? both client_cert_path and client_cert_data.*check TEMPORAL_\*\.$/,
  ],
  [
    "a word for TEMPORAL_TLS",
    null,
    { TEMPORAL_TLS: "yes" },
    /^The setting TEMPORAL_TLS must be true or false\.$/,
  ],
  [
    "a key that would go in the clear",
    null,
    { TEMPORAL_ADDRESS: "a.example:7233", TEMPORAL_API_KEY: KEY, TEMPORAL_TLS: "false" },
    /API key would go to a\.example:7233 unencrypted/,
  ],
  [
    "a certificate that is not there",
    null,
    CERTIFICATE,
    /^The client certificate \S+cert\.pem of Temporal's settings cannot be read: it does not exist.*; check TEMPORAL_TLS_CLIENT_CERT_PATH and the profile file\.$/,
  ],
  [
    "a certificate that is none",
    null,
    { TEMPORAL_TLS_SERVER_CA_CERT_DATA: "-----BEGIN CERTIFICATE-----" },
    /^The server's CA certificate of Temporal's settings is no certificate in PEM; check TEMPORAL_TLS_SERVER_CA_CERT_DATA/,
  ],
  [
    "a key that is none",
    null,
    { TEMPORAL_TLS_CLIENT_KEY_DATA: "secret" },
    /client key of Temporal's settings is no key in PEM, without a passphrase/,
  ],
])("%s is one sentence that shows no key", (_, text, settings, sentence) => {
  const target = read(text, settings);
  if (target.ok) throw new Error("It was read.");
  expect(target.sentence).toMatch(sentence);
  expect(target.sentence).not.toMatch(new RegExp(`\n|${KEY}|secret`));
});

test("a certificate and its key belong together, and neither is alone", () => {
  const [one, other] = [tlsSettings(), tlsSettings()];
  const settings = {
    TEMPORAL_TLS_CLIENT_CERT_PATH: one.SPILLWAY_BRIDGE_TLS_CERT,
    TEMPORAL_TLS_CLIENT_KEY_PATH: one.SPILLWAY_BRIDGE_TLS_KEY,
  };
  expect(read(null, settings)).toMatchObject({ ok: true });
  expect(read(null, { TEMPORAL_TLS_CLIENT_KEY_PATH: other.SPILLWAY_BRIDGE_TLS_KEY })).toMatchObject({
    ok: false,
    sentence: expect.stringContaining("do not belong together"),
  });
  expect(read(null, { TEMPORAL_TLS_CLIENT_KEY_PATH: "" })).toEqual({
    ok: false,
    sentence:
      "Temporal's settings name a client certificate and no client key: set TEMPORAL_TLS_CLIENT_KEY_PATH, too.",
  });
});
