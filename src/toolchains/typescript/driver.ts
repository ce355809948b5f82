import { BandstandError } from "../../foundation/errors/index.ts";
import type { Toolchain } from "../toolchain.ts";

export const typescript: Toolchain = {
  language: "typescript",
  recognisedBy: "src/index.ts with package.json",
  recognises: (files) => files.has("src/index.ts"),
  fingerprint: async () => "",
  build: async () => {
    throw new BandstandError("internal", "not there yet");
  },
};
