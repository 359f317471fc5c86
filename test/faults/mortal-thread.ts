/** Loaded before a program of ours: SIGUSR2 ends its first thread, which is the ledger's. */
process.once("worker", (thread) => {
  process.once("SIGUSR2", () => void thread.terminate());
});
