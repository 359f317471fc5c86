import { PROVIDER_FAULTS } from "../domain/counterparts.ts";
import { MENDING } from "../plan/provider-advice.ts";
import { type Codes, meanings } from "./meaning.ts";

/** What the gate found at a provider. The run's details say the same of each provider, with its addresses and ids. */
export const PROVIDERS: Codes = meanings(PROVIDER_FAULTS, (fault) => ({
  help: MENDING[fault].replace(/:$/, "."),
  commands: [
    { to: "What each provider lacks:", command: "./spillway credentials status" },
    { to: "To have the run look at once:", command: "./spillway resume POOL" },
    ...(fault === "wrong_host"
      ? [
          {
            to: "Once somebody has signed in with it by hand:",
            command: './spillway skip POOL NAME --works --reason "signed in by hand"',
          },
        ]
      : []),
  ],
}));
