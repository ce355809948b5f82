import { SiteState } from "../../node/state/index.ts";
import { otherFolder, ownerBeside } from "../up/claim.ts";
import type { Finding } from "./finding.ts";

/** Whether `up` would be refused since another folder has the site's name; otherwise there is nothing to say. */
export async function examineName(
  folder: string,
  site: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  // What is wrong with the state folder is said of that.
  const state = await SiteState.find(site, environment).catch(() => undefined);
  if (state === undefined) return [];
  const owner = await ownerBeside(folder, state, (await state.holder()) === undefined);
  if (owner === undefined) return [];
  const { message, remedy } = otherFolder(site, owner, folder);
  return [{ subject: "name", state: "problem", message, ...(remedy !== undefined && { fix: remedy }) }];
}
