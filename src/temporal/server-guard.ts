import { spawn } from "node:child_process";

/**
 * Runs a server that ends with whoever started this process, however they end: their end of the pipe to our standard
 * input closes. In a process group of its own it does not hear a Ctrl-C that is meant for them.
 */
const [, , program, ...args] = process.argv;
if (program === undefined) throw new Error("Usage: node server-guard PROGRAM [ARGUMENT…]");
// The server's database holds what runs were started with: for its owner only.
process.umask(0o077);
const server = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
const stop = () => server.kill("SIGTERM");
process.stdin.once("close", stop).resume();
process.once("SIGTERM", stop);
server.once("error", () => process.exit(1));
server.once("exit", (code) => process.exit(code ?? 1));
