export { wrapModule } from "./wrap.ts";
export { witText } from "./wit.ts";
export { sdkFolder } from "./sdk.ts";
