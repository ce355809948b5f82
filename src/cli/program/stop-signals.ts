/** How `bin/bandstand` says that it was started by `nohup`: Node takes back what its parent had it ignore. */
export const isKeptFromHangup = process.env["BANDSTAND_HANGUP"] === "ignored";

/** By which whoever runs a command ends it: a terminal that is closed does so too, unless `nohup` was there for that. */
export const stopSignals: readonly NodeJS.Signals[] = isKeptFromHangup
  ? ["SIGINT", "SIGTERM"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];
