import { copiedShop, ownShop, removeScratch } from "./folder.ts";
import { relative } from "node:path";
import type { Machine } from "./machine.ts";
import { say, show } from "./say.ts";
import { standIn } from "./stand-in.ts";
import { tour, tourTable } from "./tour.ts";
import { Up } from "./up.ts";

/** Serves the example until Ctrl-C. Resolves to the exit code of `bandstand up`. */
export async function serveShop(machine: Machine): Promise<number> {
  const shop = machine.containers && machine.c ? ownShop() : copiedShop("storefront", 8080, machine);
  const endStandIn = machine.containers ? async (): Promise<void> => {} : await standIn(shop);
  try {
    say("starting the shop; the first time, its components and its image are built");
    const up = await Up.start(shop);
    // Each as often as it comes: the second Ctrl-C means not to wait.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => up.signal(name));
    const stops = await tour(up.url, machine);
    show(`\n${tourTable(stops)}\n`);
    const wrong = stops.filter(({ ok }) => !ok).length;
    if (wrong > 0) show(`${wrong} of these is not as it should be; npm run demo -- --check says more\n`);
    show(next(up.url, relative(process.cwd(), shop.path)));
    return await up.ended;
  } finally {
    await endStandIn();
    removeScratch(shop);
  }
}

function next(url: string, folder: string): string {
  return `The shop is at ${url}, until Ctrl-C. Try:

  open ${url}/
  TOKEN=$(npm run --silent demo -- --token)
  curl -i ${url}/api/orders -H "authorization: Bearer $TOKEN"
  curl -i ${url}/api/orders -H "authorization: Bearer $TOKEN" -d '{"item": "trumpet"}'
  edit ${folder}/routes.yaml, for example the weights: the site changes as you save; break it: it stays
  bin/bandstand status ${folder}
  bin/bandstand down ${folder} --volumes      afterwards: removes the orders too`;
}
