import { defineCommand } from "../program/command.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const completion = defineCommand({
  name: "completion",
  summary: "Print a script that completes commands and options in a shell.",
  positionals: [{ name: "SHELL", summary: `One of ${shells.join(", ")}.`, required: true, choices: shells }],
  flags: {},
  examples: [
    "source <(bandstand completion bash)",
    "bandstand completion fish > ~/.config/fish/completions/bandstand.fish",
  ],
  async run({ positionals: [shell = ""] }, terminal) {
    const [{ completionScript }, { program }, { allCommands }, { wrongChoice }] = await Promise.all([
      import("../completion/completion.ts"),
      import("../commands.ts"),
      import("../program/run.ts"),
      import("../program/wrong-choice.ts"),
    ]);
    const known = shells.find((each) => each === shell);
    if (known === undefined)
      throw wrongChoice("completion: SHELL", shell, shells, "For example: source <(bandstand completion bash)");
    terminal.out(completionScript(known, await allCommands(program)));
    return 0;
  },
});
