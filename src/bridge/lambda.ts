import { readSettings } from "../settings.ts";
import { createHandler } from "./lambda-handler.ts";

export const { handler } = await createHandler(readSettings());
