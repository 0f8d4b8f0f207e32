import type { Command } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };

/** The manual of the program, of the help of its commands, in the macros of man(7). https://man7.org/linux/man-pages/man7/man.7.html */
export function manPage(commands: readonly Command[]): string {
  const parts = commands.flatMap((command) => {
    const help = command.createHelp();
    const terms = [
      ...help
        .visibleArguments(command)
        .map((argument) => [help.argumentTerm(argument), help.argumentDescription(argument)]),
      ...help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]),
    ] as [string, string][];
    return [
      `.SS "stale\\-sg ${roff(command.name())} ${roff(command.usage())}"`,
      roffLine(command.description()),
      ...terms.flatMap(([term, description]) => ['.TP', `.B ${roff(term)}`, roffLine(description)]),
    ];
  });
  return [
    `.TH STALE\\-SG 1 "" "stale\\-sg ${manifest.version}"`,
    '.SH NAME',
    `stale\\-sg \\- ${roffLine(manifest.description)}`,
    '.SH SYNOPSIS',
    '.B stale\\-sg',
    '.I command',
    '[options]',
    '.SH COMMANDS',
    ...parts,
    '.SH EXIT STATUS',
    '0 done; 1 failed, or check\\-plan found what a removed rule would have let pass; 2 wrong usage; 3 done, but not all could be shown, or a gate that was asked for did not hold.',
    '.SH FILES',
    '.TP',
    '.B stale\\-sg.json',
    roffLine(
      'Options that are the same in every call, by command, "*" for all: {"*": {"inventory": ["inv"]}}. STALE_SG_OPTIONS names another; empty, none.',
    ),
    '',
  ].join('\n');
}

/** Characters beyond ASCII by number, which any locale shows. https://man7.org/linux/man-pages/man7/groff_char.7.html */
function roff(text: string): string {
  const ascii = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq');
  return ascii.replace(/[^\0-~]/gu, (character) => {
    return `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** As a line of text: what begins with a dot or an apostrophe would be a macro. */
function roffLine(text: string): string {
  return roff(text).replace(/^(?=[.'])/, '\\&');
}
