import { isStream, type HttpResponse } from "../../foundation/http/index.ts";

/** Of an answer that nobody reads: a small rest keeps its connection; a large one is not worth reading. */
export function discard({ body }: HttpResponse): void {
  if (!isStream(body)) return;
  if (body.length === undefined || body.length > 65_536) return body.cancel();
  const drain = async (): Promise<void> => {
    while ((await body.read()) !== undefined);
  };
  drain().catch(() => {});
}
