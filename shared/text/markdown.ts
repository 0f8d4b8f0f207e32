import { plainText } from './plain.ts';

/**
 * Text of others as code, where Markdown finds nothing to act on: with more backticks around it than there are in it. `|`,
 * which would end a cell of a table, is escaped.
 */
export function markdownCode(text: string): string {
  if (text === '') return '';
  const plain = plainText(text);
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(plain) ? ' ' : '';
  return `${fence}${pad}${plain.replaceAll('|', '\\|')}${pad}${fence}`;
}

/** A row of a table. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Lines of a shell as a block, with a longer fence than there is in them. */
export function markdownShell(lines: readonly string[]): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, ...lines.map(plainText), fence];
}
