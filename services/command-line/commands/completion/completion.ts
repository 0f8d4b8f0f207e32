import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell is to read. Values are completed as names of files, but for those that are one of a few words. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  if (shell === 'fish') return fishScript(commands);
  const zsh = 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
  return `${shell === 'zsh' ? zsh : ''}${bashScript(commands)}`;
}

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion-Builtins.html */
function bashScript(commands: readonly Command[]): string {
  const options = commands.map(
    (command) => `    ${command.name()}) words='${optionsOf(command).map(flagOf).join(' ')}' ;;\n`,
  );
  const values = commands.flatMap((command) =>
    optionsOf(command)
      .filter(({ argChoices }) => argChoices)
      .map((option) => `    ${command.name()}:${flagOf(option)}) words='${option.argChoices!.join(' ')}' ;;\n`),
  );
  return `_stale_sg() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((command) => command.name()).join(' ')} --help --version' -- "$word"))
    return
  fi
  case "$command:$before" in
${values.join('')}  esac
  if [ -z "$words" ]; then
    case "$word" in
      -*) ;;
      *) return ;;
    esac
    case "$command" in
${options.join('')}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _stale_sg stale-sg
`;
}

/** https://fishshell.com/docs/current/cmds/complete.html */
function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const name = command.name();
    return [
      `complete -c stale-sg -n __fish_use_subcommand -f -a ${name} -d ${fishQuote(firstSentence(command.description()))}`,
      ...optionsOf(command).map((option) => {
        const value = option.argChoices
          ? ` -x -a ${fishQuote(option.argChoices.join(' '))}`
          : option.required
            ? ' -r'
            : '';
        const flag = `-l ${flagOf(option).slice(2)}${value}`;
        return `complete -c stale-sg -n '__fish_seen_subcommand_from ${name}' ${flag} -d ${fishQuote(option.description)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function optionsOf(command: Command): readonly Option[] {
  return [...command.createHelp().visibleOptions(command)];
}

function flagOf({ long }: Option): string {
  return long!;
}

function firstSentence(text: string): string {
  return text.split(/(?<=[.:]) /)[0]!.replace(/[.:]$/, '');
}

function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
