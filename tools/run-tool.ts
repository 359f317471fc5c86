/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const WRONG_USE = 2;

/**
 * A program that starts others: exiting ends every one of them, and a signal is an exit. `readOptions` gives null for words
 * that are wrong, or throws an error that says why.
 */
export async function runTool<Options extends object>(
  usage: string,
  readOptions: () => Options | "help" | null,
  run: (options: Options) => Promise<void>,
): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(process.exitCode ?? INTERRUPTED));
  let options: Options | "help" | null;
  let why = "";
  try {
    options = readOptions();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    options = null;
    why = `${error.message}\n\n`;
  }
  if (options === "help") {
    process.stdout.write(usage);
  } else if (options === null) {
    process.stderr.write(`${why}${usage}`);
    process.exitCode = WRONG_USE;
  } else {
    await run(options);
  }
}
