import { Agent } from "node:http";
import type { Question } from "./ask.ts";
import { ask } from "./ask.ts";

export interface LoadResult {
  sent: number;
  /** One line each. */
  failures: string[];
}

/** Requests over and over on a few connections while `act` runs, and a moment more; every answer must be 200. */
export async function underLoad(url: string, questions: Question[], act: () => Promise<void>): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true });
  const result: LoadResult = { sent: 0, failures: [] };
  const stopping = new AbortController();
  const client = async (first: number): Promise<void> => {
    for (let index = first; !stopping.signal.aborted; index++) {
      const question = questions[index % questions.length]!;
      result.sent += 1;
      const said = await ask(url, question, agent).then(
        ({ status, body }) => (status === 200 ? undefined : `${status} ${body.slice(0, 100)}`),
        (error: Error) => error.message,
      );
      if (said !== undefined) result.failures.push(`${question.path}: ${said}`);
      // Not as much as it takes: the machine's other work goes on.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const clients = Promise.all(Array.from({ length: 6 }, (_, index) => client(index)));
  try {
    await act();
    await new Promise((resolve) => setTimeout(resolve, 500));
  } finally {
    stopping.abort();
    await clients;
    agent.destroy();
  }
  return result;
}
