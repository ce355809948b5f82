import { witText } from "../component/index.ts";

/** What the engine was built against. */
const engineVersion = "0.2.10";

/**
 * The world for one bundle. The engine adds by itself what it uses; configuration is imported only
 * where the bundle does, so that other components run on hosts without it.
 */
export async function worldFor(bundle: string): Promise<string> {
  const config = bundle.includes('"wasi:config/store@0.2.0-rc.1"') ? "  import wasi:config/store@0.2.0-rc.1;\n" : "";
  const world = `world guest {\n${config}  export wasi:http/incoming-handler@0.2.0;\n}`;
  const text = (await witText()).replace(/^world guest \{[^}]*\}/m, world);
  return text.replaceAll(/@0\.2\.0(?!-)/g, `@${engineVersion}`);
}
