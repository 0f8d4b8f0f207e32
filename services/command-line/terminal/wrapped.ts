/** Of a line where standard output is no terminal, or does not say how wide it is. */
const COLUMNS = 80;
const NARROWEST = 60;
/** Longer lines are hard to read. */
const WIDEST = 200;

/** How many columns a line of standard output has: 60 to 200. */
export function columns(): number {
  const { isTTY, columns: wide } = process.stdout;
  return isTTY && wide ? Math.min(Math.max(wide, NARROWEST), WIDEST) : COLUMNS;
}

/** Text in lines that fit the terminal below each other, behind a label; a longer word has a line of its own. */
export function wrapped(text: string, label = ''): string[] {
  const width = columns();
  const lines: string[] = [];
  let line = label;
  for (const word of text.split(' ')) {
    const isBegun = line.length > label.length;
    if (isBegun && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${' '.repeat(label.length)}${word}`;
    } else {
      line += isBegun ? ` ${word}` : word;
    }
  }
  return [...lines, line];
}
