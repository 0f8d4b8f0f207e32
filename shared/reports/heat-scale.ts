/** Figures that share a colour; both ends inclusive. */
export interface ColourStep {
  readonly from: number;
  readonly to: number;
}

/**
 * One blue, told apart by its lightness alone: the deeper, the more. Deep is far from the paper, so it is dark on light
 * and light on dark. As many as one can still tell apart.
 */
export const BLUES = {
  light: ['#dbe9f6', '#bcd7ee', '#8fbbe3', '#5f9bd5', '#3579bd', '#1a599b', '#0b3a75'],
  dark: ['#1c3047', '#20456b', '#2a6096', '#3d7ebd', '#669fd8', '#97c1ea', '#cfe3f8'],
} as const;
export type Scheme = keyof typeof BLUES;
const MOST_STEPS = BLUES.light.length;

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

/** Which of the blues each of so many steps has. A lone one is deep. */
export function stepShades(steps: number): number[] {
  const deepest = MOST_STEPS - 1;
  return Array.from({ length: steps }, (_, i) => (steps === 1 ? deepest : Math.round((i * deepest) / (steps - 1))));
}

/** Of each of so many steps, as in {@link stepShades}. */
export function stepColours(steps: number, scheme: Scheme): string[] {
  return stepShades(steps).map((shade) => BLUES[scheme][shade]!);
}

/** Black or white, whichever is easier to read on a colour of six hexadecimal digits. */
export function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 > 0.18 ? '#000000' : '#ffffff';
}

/** Steps over these figures, as in {@link logSteps}; none of none. */
export function stepsOver(figures: readonly number[]): ColourStep[] {
  const used = figures.filter((one) => one > 0);
  const [least, most] = used.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, 0]);
  return used.length === 0 ? [] : logSteps(least, most);
}

/** The largest of 1, 2, 5, 10, 20, 50, … that is not above the number. */
function roundDown(number: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, number)) + 1e-9);
  const digit = [5, 2, 1].find((known) => known * decade <= number + 1e-9) ?? 1;
  return digit * decade;
}

/** Records that a rule admitted, requests and replies: a rule of which only replies were seen is used. */
export function usesOf({ usedTimes, replyTimes }: { readonly usedTimes: number; readonly replyTimes: number }): number {
  return usedTimes + replyTimes;
}
