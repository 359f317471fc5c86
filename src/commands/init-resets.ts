import { number } from "@inquirer/prompts";
import type { RegisteredVendor } from "../destinations/registry.ts";
import { MAX_CANARY } from "../domain/migration/password-resets.ts";
import type { MigrationFile } from "../domain/migration.ts";
import { choose } from "./choose.ts";
import { type KnownPool, tell } from "./init-known.ts";

type Resets = NonNullable<MigrationFile["passwordResets"]>;

/** Asks whether people are mailed, and what a file that mails has to choose. Nobody is unless somebody says so. */
export async function askResets(
  known: KnownPool,
  { name, facts }: RegisteredVendor,
): Promise<Pick<MigrationFile, "passwordResets">> {
  if (!facts.takes.resets) return {};
  const isWanted = await choose("Are people mailed a link to set a new password?", [
    {
      value: false,
      name: "Not by this file",
      description: "Mails are for the day on which the sign-in is switched: docs/resets.md.",
    },
    {
      value: true,
      name: "Yes",
      description: "A first few at the end of the run, the others once you approve it.",
    },
  ]);
  if (!isWanted || !(await isMfaLossAccepted(known, name))) return {};
  const passwordResets: Resets = {
    send: true,
    delivery: await askWhoMails(name),
    canary: await askHowManyFirst(),
    unverified: await askForUnverified(),
    ...(hasMfa(known) && { acceptMfaLoss: true }),
  };
  return { passwordResets };
}

function hasMfa({ shape }: KnownPool): boolean {
  return shape === null || shape.mfa !== "OFF";
}

async function isMfaLossAccepted(known: KnownPool, vendor: string): Promise<boolean> {
  if (!hasMfa(known)) return true;
  const pool = known.shape === null ? "The pool may have second factors" : "The pool has second factors";
  tell(
    `${pool}. They do not come along: whoever reads the mail is in without one, until it is set up again at ${vendor}.`,
  );
  return choose("May a reset pass the second factor by?", [
    { value: false, name: "No: nobody is mailed by this file" },
    { value: true, name: "Yes" },
  ]);
}

function askWhoMails(vendor: string): Promise<"destination" | "own"> {
  return choose("Who sends these mails?", [
    { value: "destination", name: vendor },
    {
      value: "own",
      name: "The worker, as SPILLWAY_MAIL says",
      description: "Your own text and mail server.",
    },
  ]);
}

function askHowManyFirst(): Promise<number> {
  return number({
    message: "How many people are mailed before the run waits for your approval?",
    default: 3,
    min: 0,
    max: MAX_CANARY,
    required: true,
  });
}

function askForUnverified(): Promise<"skip" | "send"> {
  return choose("What of confirmed people whose address nobody ever verified?", [
    { value: "skip", name: "They get no mail" },
    {
      value: "send",
      name: "They get one, too",
      description: "With a mistyped address, a stranger gets the account.",
    },
  ]);
}
