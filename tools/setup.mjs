// Makes a fresh clone ready: npm packages (a Node 24 among them) and the Temporal CLI.
// Runs on whatever Node the machine has, so: plain JavaScript, no dependencies, old syntax here.
const OLDEST_NODE = 18;

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  console.error(
    `Spillway's set-up needs Node ${OLDEST_NODE} or newer and this is ${process.version}; install it from https://nodejs.org.`,
  );
  process.exit(1);
}
void import("./setup/main.mjs").then((setup) => setup.main(process.argv.slice(2)));
