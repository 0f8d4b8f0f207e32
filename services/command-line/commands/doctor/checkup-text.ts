import { plainText } from '../../../../shared/text/plain.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import { SEVERITIES, type Checkup, type Severity } from './ailment.ts';

const HEADINGS: Readonly<Record<Severity, string>> = {
  blocks: 'To mend first',
  weakens: 'To mend next, for a surer answer',
  note: 'Worth knowing',
};

/** For a terminal of 80 columns. Commands stand in a line of their own, however long, so that they can be copied. */
export function checkupText({ facts, ailments, next }: Checkup): string {
  const width = Math.max(0, ...facts.map(({ name }) => name.length)) + 2;
  const lines = facts.flatMap(({ name, value }) => wrapped(plainText(value), name.padEnd(width)));
  if (next) lines.push(...wrapped(plainText(`${next.on}: ${next.what}`), 'Next'.padEnd(width)));
  const printed = new Set<string>();
  for (const severity of SEVERITIES) {
    const some = ailments.filter((one) => one.severity === severity);
    if (some.length > 0) lines.push('', `${HEADINGS[severity]} (${String(some.length)})`);
    for (const { text, commands } of some) {
      lines.push(...wrapped(plainText(text), '- '));
      for (const command of commands) {
        if (!printed.has(command)) lines.push(`  $ ${plainText(command)}`);
        else if (commands.length === 1) lines.push('  $ as above');
        printed.add(command);
      }
    }
  }
  lines.push('', ailments.length === 0 ? 'Nothing is missing.' : `${count(ailments.length, 'finding')}.`, '');
  return lines.join('\n');
}
