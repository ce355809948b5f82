import { request } from "node:http";
import type { Agent, IncomingHttpHeaders } from "node:http";

export interface Question {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One request. Throws where no complete answer came within ten seconds. */
export function ask(url: string, question: Question, agent?: Agent): Promise<Answer> {
  const { method = "GET", path, headers = {}, body } = question;
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      method,
      headers,
      ...(agent === undefined ? { agent: false } : { agent }),
      signal: AbortSignal.timeout(10_000),
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.once("error", reject);
      response.once("end", () => {
        if (!response.complete) reject(new Error("the answer broke off"));
        else resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.end(body);
  });
}

/** The body as JSON; undefined where it is none. */
export function json(answer: Answer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(answer.body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
