import { z } from "zod";

const coded = z.looseObject({ code: z.string(), message: z.string().catch("") });

/** Of a 429 the SDK hands over the message alone: its code, which tells a daily quota from a rate, joins it there. */
export async function withCodeInMessage(response: Response): Promise<Response> {
  if (response.status !== 429) return response;
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(withCode(text), { status, statusText, headers });
}

function withCode(text: string): string {
  try {
    const parsed = coded.safeParse(JSON.parse(text));
    if (!parsed.success) return text;
    return JSON.stringify({ ...parsed.data, message: `${parsed.data.message} (${parsed.data.code})` });
  } catch {
    return text;
  }
}
