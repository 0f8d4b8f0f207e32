const FIGURES = new Intl.NumberFormat('en');

/** `1,234,567`: the same in every locale. Fractions are rounded to three digits. */
export function figure(number: number): string {
  return FIGURES.format(number);
}

/** `1,234 rules`, `1 rule`. */
export function count(number: number, what: string): string {
  return `${figure(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** `95.3 %` for 0.953. Never rounds to all or nothing what is neither: `> 99.9 %`, `< 0.1 %`. */
export function percent(share: number): string {
  const rounded = (100 * share).toFixed(1);
  if (rounded === '100.0' && share < 1) return '> 99.9 %';
  if (rounded === '0.0' && share > 0) return '< 0.1 %';
  return `${rounded} %`;
}

/** `950`, `1.2k`, `35M`: for places without room. */
export function shortFigure(number: number): string {
  const steps: readonly [number, string][] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, letter] of steps) {
    if (number < size) continue;
    const scaled = number / size;
    return `${scaled < 9.95 ? scaled.toFixed(1).replace('.0', '') : String(Math.floor(scaled))}${letter}`;
  }
  return String(number);
}
