import type { Call, Flags } from "../program/command.ts";
import { defineCommand } from "../program/command.ts";

const flags = { json: { type: "boolean", summary: "As JSON." } } as const satisfies Flags;

export type DoctorCall = Call<typeof flags>;

export const doctor = defineCommand({
  name: "doctor",
  summary: "Check what this machine has and lacks, with the exact fix.",
  positionals: [{ name: "DIR", summary: "A site's folder: says what that site needs.", completes: "folder" }],
  flags,
  examples: ["bandstand doctor", "bandstand doctor shop"],
  async run(call, terminal) {
    const { doctor: act } = await import("../doctor/doctor.ts");
    return act(call, terminal);
  },
});
