import { BandstandError, errorDefinitions } from "../../foundation/errors/index.ts";
import type { ErrorCode } from "../../foundation/errors/index.ts";
import type { AdminReply } from "../../gateway/admin/index.ts";
import { adminClient } from "../../gateway/admin/index.ts";
import type { SiteStatus } from "../site/index.ts";
import type { StopRequest } from "./callbacks.ts";
import type { ShownLine } from "./log-lines.ts";

/** Asks the process that serves a site. Everything throws `not-running` where nobody answers. */
export class SiteClient {
  readonly #admin: ReturnType<typeof adminClient>;

  constructor(socketPath: string) {
    this.#admin = adminClient(socketPath);
  }

  async status(): Promise<SiteStatus> {
    return JSON.parse(bodyOf(await this.#admin.get("/status"))) as SiteStatus;
  }

  async stop({ containers, volumes }: StopRequest): Promise<void> {
    bodyOf(await this.#admin.post(`/stop?containers=${containers}&volumes=${volumes}`));
  }

  async *logs(
    name: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncGenerator<ShownLine> {
    const query = new URLSearchParams({ name, tail: String(options.tail), follow: String(options.follow) });
    let rest = "";
    for await (const piece of this.#admin.stream(`/logs?${query}`, options.signal)) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as ShownLine;
    }
  }
}

function bodyOf({ status, body }: AdminReply): string {
  if (status < 300) return body;
  const { code = "internal", message = `the site's process answered with ${status}`, remedy } = parsed(body);
  const known = Object.hasOwn(errorDefinitions(), code) ? (code as ErrorCode) : "internal";
  throw new BandstandError(known, message, remedy === undefined ? {} : { remedy });
}

function parsed(body: string): { code?: string; message?: string; remedy?: string } {
  try {
    return JSON.parse(body) as { code?: string; message?: string; remedy?: string };
  } catch {
    return {};
  }
}
