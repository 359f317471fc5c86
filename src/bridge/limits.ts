import { limitKey } from "../ledger/bridge-limits.ts";
import type { MigrationIdentity } from "../ledger/runs.ts";
import type { Count } from "./counts.ts";
import { networksOf } from "./network.ts";

/** How often something may be tried or asked for. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Enough for somebody whose mails are slow; more is for whoever wants to annoy them. */
const FORGOTTEN_AN_HOUR = 5;
const FORGOTTEN_A_DAY = 10;
/** Hours of a day in which an address may use up what it has in an hour. */
const BUSY_HOURS = 3;

/**
 * What a network may have, in times of what one machine may: a /64 or IPv4 address, then a home's /56 and an organization's
 * /48. They hold 256 and 65,536 machines' networks, of which one person may use each.
 */
const NETWORK_ALLOWANCES = [1, 4, 16] as const;
/** What any network may have of the day's mails: the others' are for whoever is elsewhere. */
const MAILS_SHARE = 1 / 4;

/** Milliseconds to wait; 0 where it may go on. */
export type Take = (key: string) => Promise<number>;

/** What is counted at one door, by what. */
export interface Door {
  /** Of each width of network, the narrowest first. */
  networks: Take[][];
  /** One account from one network, of the widest: else one machine in it would use up what an account has. */
  pair: Take[];
  account: Take[];
}

export interface Limits {
  signIn: Door;
  forgot: Door;
  /** Reset mails of the bridge, whoever asks. */
  mail(): Promise<number>;
  /** Whether there is one left; takes none. */
  areMailsLeft(): Promise<boolean>;
  /** Something that operators are told once a day. */
  alert: Take;
  /** It was told to nobody after all. */
  giveBackAlert(code: string): Promise<void>;
  /** Has to wait if it was used before, at whatever bridge of this ledger. */
  signature: Take;
}

export interface LimitOptions {
  /** Whose people are counted: other migrations may share the ledger. */
  migration: MigrationIdentity;
  triesPerMinute: { account: number; address: number };
  forgotten: {
    /** Resets that the destination makes for one address. */
    perAccountAMinute: number;
    perAddressAnHour: number;
  };
  mailsPerDay: number;
  /** As long as a signature could be used again. */
  signatureMs: number;
  /** Of many small tries: need not outlive a process. */
  tries: Count;
  /** There after a restart. */
  kept: Count;
  /** Of what must not be forgotten, whatever crashes: a used signature would be good again, and the day's mails too. */
  durable: Count;
  giveBack: (key: string) => Promise<void>;
  taken: (key: string, windowMs: number) => Promise<number>;
}

export function createLimits(options: LimitOptions): Limits {
  const { triesPerMinute, forgotten, tries, kept, durable } = options;
  const keyOf = (parts: readonly string[]) => (key: string) => limitKey(options.migration, [...parts, key]);
  const aMinute = (name: string, most: number) => limit(tries, keyOf([name]), most, MINUTE_MS);
  const anHour = (name: string, most: number) => limit(kept, keyOf([name, "hour"]), most, HOUR_MS);
  const aDay = (name: string, most: number) => limit(kept, keyOf([name, "day"]), most, DAY_MS);
  const addresses = NETWORK_ALLOWANCES.map((times) => aMinute("address", triesPerMinute.address * times));
  const mailsOfOne = Math.ceil(options.mailsPerDay * MAILS_SHARE);
  const mails = keyOf(["mails", "day"]);
  const mail = limit(durable, mails, options.mailsPerDay, DAY_MS);
  return {
    signIn: {
      networks: addresses.map((address) => [address]),
      pair: [aMinute("pair", halfOf(triesPerMinute.account))],
      account: [aMinute("account", triesPerMinute.account)],
    },
    forgot: {
      networks: NETWORK_ALLOWANCES.map((times, width) => [
        ...addresses.slice(width, width + 1),
        anHour("forgot-address", forgotten.perAddressAnHour * times),
        aDay("forgot-address", Math.min(forgotten.perAddressAnHour * BUSY_HOURS * times, mailsOfOne)),
      ]),
      pair: [anHour("forgot-pair", halfOf(FORGOTTEN_AN_HOUR)), aDay("forgot-pair", halfOf(FORGOTTEN_A_DAY))],
      account: [
        aMinute("forgot-account", forgotten.perAccountAMinute),
        anHour("forgot-account", FORGOTTEN_AN_HOUR),
        aDay("forgot-account", FORGOTTEN_A_DAY),
      ],
    },
    mail: () => mail(""),
    areMailsLeft: async () => (await options.taken(mails(""), DAY_MS)) < options.mailsPerDay,
    alert: aDay("alert", 1),
    giveBackAlert: (code) => options.giveBack(keyOf(["alert", "day"])(code)),
    // Of every bridge on this ledger: a signature does not say whom it is for.
    signature: limit(durable, (key) => limitKey(null, ["signature", key]), 1, options.signatureMs),
  };
}

/**
 * Milliseconds to wait before this person, or whoever sits at this address, may go on; 0 for now. What others have is
 * taken last: whoever tries too much from one address must not use it up, nor more than half of it before that.
 */
export async function waitMs(door: Door, email: string, ipAddress: string | null): Promise<number> {
  const networks = ipAddress === null ? [] : networksOf(ipAddress);
  for (const [width, network] of networks.entries()) {
    const ofNetwork = await firstWaitMs(door.networks[width] ?? [], network);
    if (ofNetwork > 0) return ofNetwork;
  }
  const widest = networks.at(-1);
  const ofPair = widest === undefined ? 0 : await firstWaitMs(door.pair, `${widest} ${email}`);
  return ofPair || firstWaitMs(door.account, email);
}

async function firstWaitMs(takes: readonly Take[], key: string): Promise<number> {
  for (const take of takes) {
    const waitMs = await take(key);
    if (waitMs > 0) return waitMs;
  }
  return 0;
}

function limit(count: Count, keyOf: (key: string) => string, most: number, windowMs: number): Take {
  return async (key) => {
    const { times, leftMs } = await count(keyOf(key), windowMs);
    return times > most ? Math.max(1, leftMs) : 0;
  };
}

function halfOf(most: number): number {
  return Math.ceil(most / 2);
}
