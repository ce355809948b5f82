import { defineCommand } from "../program/command.ts";

export const help = defineCommand({
  name: "help",
  summary: "Show help of the program or of a command.",
  positionals: [{ name: "COMMAND", summary: "The command to explain." }],
  flags: {},
  examples: ["bandstand help up"],
  async run({ positionals: [name] }, terminal) {
    const [{ commandHelp, programHelp }, { findCommand }, { program }] = await Promise.all([
      import("../program/help.ts"),
      import("../program/run.ts"),
      import("../commands.ts"),
    ]);
    terminal.out(name === undefined ? programHelp(program.commands) : commandHelp(findCommand(program, name)));
    return 0;
  },
});
