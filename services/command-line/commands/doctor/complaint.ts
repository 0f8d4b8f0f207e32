import { shellQuote } from '../../../../shared/advice/removal/shell-quote.ts';
import { figure } from '../../../../shared/text/numbers.ts';
import { shown } from '../../../../shared/text/plain.ts';
import type { Complaint } from './ailment.ts';

const NAMED = 3;

export function complaint(text: string, ...commands: string[]): Complaint {
  return { text, commands };
}

/** As many as are named in a sentence or asked for in a command, in order. */
export function firstOf(names: Iterable<string>): string[] {
  return [...names].sort().slice(0, NAMED);
}

/** The ids or names, as many as fit a sentence; they may be text of others. */
export function someOf(names: Iterable<string>): string {
  const all = [...names];
  const more = all.length - NAMED;
  return firstOf(all).map(shown).join(', ') + (more > 0 ? ` and ${figure(more)} more` : '');
}

export function isAre(number: number): string {
  return number === 1 ? 'is' : 'are';
}

/** Words of a shell. */
export function shellWords(texts: Iterable<string>): string {
  return [...texts].map(shellQuote).join(' ');
}
