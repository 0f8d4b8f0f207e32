export const share = (part: number, whole: number): string =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`;

/** Columns of equal width, for a person at a terminal. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...texts.map((row) => row[column]!.length)));
  const isText = header.map((_, column) => rows.every((row) => typeof row[column] === 'string'));
  return texts
    .map((row) => {
      const cells = row.map((text, i) => (isText[i]! ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)));
      return cells.join('  ').trimEnd();
    })
    .join('\n');
}
