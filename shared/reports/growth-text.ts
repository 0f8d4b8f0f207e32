import { count, figure } from '../text/numbers.ts';
import type { UsageReport } from './schema.ts';

/**
 * While a window grows: how many of its days are there, what is said meanwhile, and what comes when. Undefined once it is
 * whole, and for reports that do not say.
 */
export function growthText({ growth, windowDays }: Pick<UsageReport, 'growth' | 'windowDays'>): string | undefined {
  if (!growth) return undefined;
  const { days, firstDay, verdictsOn, planOn, wholeOn } = growth;
  const there =
    firstDay === null
      ? `none of the ${count(windowDays, 'day')} is there`
      : `${figure(days)} of ${count(windowDays, 'day')} ${days === 1 ? 'is' : 'are'} there, the first is ${firstDay}`;
  const coming = [
    ['the first verdicts', verdictsOn],
    ['the first plan', planOn],
    ['verdicts over the whole window', wholeOn],
  ]
    .flatMap(([what, day]) => (day === null ? [] : [{ day: day!, text: `${what!} on ${day!}` }]))
    .sort((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)))
    .map(({ text }) => text);
  const list = coming.length === 1 ? coming[0]! : `${coming.slice(0, -1).join(', ')} and ${coming.at(-1)!}`;
  const now = verdictsOn === null ? 'Provisional' : 'No rule is judged unused yet';
  return `${now}: ${there}. If every day from now on is watched, next come ${list}.`;
}

/** `14 of 90 days`. */
export function grownText({ growth, windowDays }: Pick<UsageReport, 'growth' | 'windowDays'>): string {
  return `${figure(growth?.days ?? windowDays)} of ${count(windowDays, 'day')}`;
}
