import { defineCommand } from "../program/command.ts";

export const help = defineCommand({
  name: "help",
  summary: "Show help of the program or of a command.",
  positionals: [{ name: "COMMAND", summary: "The command to explain.", completes: "command" }],
  flags: {},
  examples: ["bandstand help up"],
  async run({ positionals: [name] }, terminal) {
    const [{ commandHelp, programHelp }, { allCommands, findCommand }, { program }] = await Promise.all([
      import("../program/help.ts"),
      import("../program/run.ts"),
      import("../commands.ts"),
    ]);
    const text =
      name === undefined ? programHelp(await allCommands(program)) : commandHelp(await findCommand(program, name));
    terminal.out(text);
    return 0;
  },
});
