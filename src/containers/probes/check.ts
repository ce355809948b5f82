import { connect } from "node:net";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { messageOf } from "../../foundation/errors/index.ts";
import type { ProbePlan } from "../../model/plan/index.ts";
import type { ProbeResult } from "./probe.ts";

/** Where a port of the probed pod is reached from this host. */
export interface ProbeAddress {
  host: string;
  port: number;
}

type NetworkAction = Exclude<ProbePlan["action"], { type: "exec" }>;

/**
 * Tries an HTTP or TCP probe once; never throws. 200 to 399 are success, redirects are not followed. A `host` in the
 * action is what the request says, never where it goes: a probe reaches nothing but its pod.
 */
export async function check(action: NetworkAction, address: ProbeAddress, timeout: number): Promise<ProbeResult> {
  try {
    return await (action.type === "tcp" ? checkTcp(address, timeout) : checkHttp(action, address, timeout));
  } catch (error) {
    // Paths and headers that cannot be sent.
    return { ok: false, message: messageOf(error) };
  }
}

function checkTcp({ host, port }: ProbeAddress, timeout: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (ok: boolean, message: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok, message });
    };
    const timer = setTimeout(() => end(false, `no connection to port ${port} within ${timeout} ms`), timeout);
    socket.once("connect", () => end(true, ""));
    socket.once("error", (error) => end(false, error.message));
  });
}

function checkHttp(
  action: Extract<NetworkAction, { type: "http" }>,
  address: ProbeAddress,
  timeout: number,
): Promise<ProbeResult> {
  const { scheme, path, headers, port } = action;
  const what = `GET ${path} on port ${port}`;
  return new Promise((resolve) => {
    const send = scheme === "https" ? secureRequest : request;
    // As Kubernetes: the probed container is ours to judge by what it answers, not by its certificate.
    const options = { ...address, path, agent: false, rejectUnauthorized: false, maxHeaderSize: 16_384 };
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const host = action.host ?? `${address.host}:${port}`;
    const all = { "user-agent": "bandstand-probe", host, ...Object.fromEntries(lower) };
    const probe = send({ ...options, headers: all });
    const end = (ok: boolean, message: string): void => {
      clearTimeout(timer);
      probe.destroy();
      resolve({ ok, message });
    };
    const timer = setTimeout(() => end(false, `${what}: no answer within ${timeout} ms`), timeout);
    probe.once("response", ({ statusCode = 0 }) => {
      const ok = statusCode >= 200 && statusCode < 400;
      end(ok, ok ? "" : `${what}: answered ${statusCode}`);
    });
    probe.on("error", (error) => end(false, `${what}: ${error.message}`));
    probe.end();
  });
}
