import { styleText } from 'node:util';
import type { VerdictKind } from '../../../shared/verdicts/verdict.ts';

type Style = Parameters<typeof styleText>[0];

/** As on the page: what asks for action stands out. */
const VERDICT_STYLES: Readonly<Record<VerdictKind, Style>> = {
  stale: ['bold', 'red'],
  unattached: 'yellow',
  redundant: 'magenta',
  notObserved: 'gray',
  tooYoung: 'cyan',
  exempt: 'blue',
  active: 'green',
};

/**
 * The text in colour where standard output is a terminal that has colours and nobody has set NO_COLOR; else as it is.
 * https://nodejs.org/api/util.html#utilstyletextformat-text-options
 */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function verdictColoured(kind: VerdictKind, text: string): string {
  return coloured(VERDICT_STYLES[kind], text);
}
