import { shellQuote } from '../../../../shared/advice/removal/shell-quote.ts';
import { figure } from '../../../../shared/text/numbers.ts';
import { shown } from '../../../../shared/text/plain.ts';
import type { Complaint } from './ailment.ts';
import type { Looked } from './looked.ts';

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

/** Of what was asked of AWS, by its name, what nobody could look at. */
export function couldNotLook(asked: Readonly<Record<string, Looked<unknown>>>): Complaint | undefined {
  const missing = Object.entries(asked).flatMap(([name, looked]) =>
    'missing' in looked ? [`${name} (${looked.missing})`] : [],
  );
  if (missing.length === 0) return undefined;
  return complaint(
    `Could not look at ${missing.join(', ')}: nothing is said of it here. Ask with the rights of ReadOnlyAccess.`,
    'aws sts get-caller-identity',
  );
}
