/** Figures that share a colour; both ends inclusive. */
export interface ColourStep {
  readonly from: number;
  readonly to: number;
}

/** As many colours as one can still tell apart. */
const MOST_STEPS = 7;

/**
 * Cuts what lies between `least` and `most` (from 1 on) into steps of about equal ratio, so that rare and frequent use
 * both show; their bounds are round. Zero has no step: it has no colour either.
 */
export function logSteps(least: number, most: number): ColourStep[] {
  const starts = new Set<number>();
  for (let i = 0; i < MOST_STEPS; i++) starts.add(roundDown(least * (most / least) ** (i / MOST_STEPS)));
  const ascending = [...starts].filter((start) => start <= most).sort((a, b) => a - b);
  return ascending.map((from, i) => ({ from, to: (ascending[i + 1] ?? most + 1) - 1 }));
}

/** The largest of 1, 2, 5, 10, 20, 50, … that is not above the number. */
function roundDown(number: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, number)) + 1e-9);
  const digit = [5, 2, 1].find((known) => known * decade <= number + 1e-9) ?? 1;
  return digit * decade;
}
