export { Distributions, type Distribution } from "./histogram.ts";
export { prometheusText } from "./merge.ts";
export { Tallies, type MetricSnapshot, type MetricSource, type Tally } from "./metrics.ts";
