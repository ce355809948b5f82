import { describe, expect, it } from "vitest";
import { Distributions, Tallies, prometheusText } from "./index.ts";

describe("metrics of several threads", () => {
  it("come out as one Prometheus text, summed by labels", async () => {
    const thread = (amount: number) => {
      const requests = new Tallies("counter", "bandstand_requests_total", "Requests", ["route", "code"]);
      const seconds = new Distributions("bandstand_request_seconds", "Time", ["route"], [0.1, 1]);
      requests.of("a/b", "200").add(amount);
      requests.of("a/b", "200").add();
      if (amount > 1) requests.of("a/b", "404").add();
      for (const value of [0.05, 0.1, 0.5, 7]) seconds.of("a/b").observe(value);
      return [requests.snapshot(), seconds.snapshot()];
    };
    const text = await prometheusText([thread(1), thread(5)]);
    expect(text).toContain('bandstand_requests_total{route="a/b",code="200"} 8');
    expect(text).toContain('bandstand_requests_total{route="a/b",code="404"} 1');
    expect(text).toContain('bandstand_request_seconds_bucket{route="a/b",le="0.1"} 4');
    expect(text).toContain('bandstand_request_seconds_bucket{route="a/b",le="1"} 6');
    expect(text).toContain('bandstand_request_seconds_bucket{route="a/b",le="+Inf"} 8');
    expect(text).toContain('bandstand_request_seconds_count{route="a/b"} 8');
    expect(text).toContain("# TYPE bandstand_request_seconds histogram");
  });

  it("escape what a label holds", async () => {
    const requests = new Tallies("counter", "x_total", "X", ["route"]);
    requests.of('a"\n').add();
    expect(await prometheusText([[requests.snapshot()]])).toContain('x_total{route="a\\"\\n"} 1');
  });
});
