import { usageCsv } from '../usage-csv.ts';
import { button, el, fill } from './dom.ts';
import type { RuleRow } from './rows.ts';
import { visible } from './text.ts';
import { count } from '../../text/numbers.ts';

/** Makes Excel take it for UTF-8, as in the files of a report. */
const MARK = '\ufeff';

/**
 * What can be done with all rows that fit, not only with those of the page of the table: the same CSV as `usage.csv`, ids
 * for a command, paper.
 */
export function rowsTools(rows: () => readonly RuleRow[], day: string): HTMLElement {
  const told = el('span', { class: 'told', role: 'status' });
  const copy = (): void => {
    const ids = rows().map(({ rule }) => rule.ruleId);
    const text = ids.join('\n');
    if (visible(ids.join('')) !== ids.join('')) {
      fill(told, 'an id holds characters that do not show: not copied');
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => fill(told, `${count(ids.length, 'id')} copied`),
      () => fill(told, 'the browser lets nothing be copied: download the CSV'),
    );
  };
  return el(
    'div',
    { class: 'tools' },
    button('Download CSV', () => download(`stale-sg-rules-${day}.csv`, usageCsv(rows().map(({ rule }) => rule)))),
    button('Copy ids', copy),
    button('Print', () => print()),
    told,
  );
}

/** Made here: nothing is asked of any network. */
function download(fileName: string, csv: string): void {
  const url = URL.createObjectURL(new Blob([MARK, csv], { type: 'text/csv;charset=utf-8' }));
  el('a', { href: url, download: fileName }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
