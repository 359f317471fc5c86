/** Lambda finds a handler in .mjs files only; Node runs the TypeScript behind it as it is. */
export { handler } from "./src/bridge/lambda.ts";
