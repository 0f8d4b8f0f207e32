/** Where lines of a terminal end, if nobody widened it. */
const COLUMNS = 80;

/** Text in lines of at most 80 columns below each other, behind a label; a longer word has a line of its own. */
export function wrapped(text: string, label = ''): string[] {
  const lines: string[] = [];
  let line = label;
  for (const word of text.split(' ')) {
    const isBegun = line.length > label.length;
    if (isBegun && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = `${' '.repeat(label.length)}${word}`;
    } else {
      line += isBegun ? ` ${word}` : word;
    }
  }
  return [...lines, line];
}
