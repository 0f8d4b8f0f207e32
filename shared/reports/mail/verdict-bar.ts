import { VERDICT_MEANING } from '../verdict-text.ts';
import type { VerdictKind } from '../../verdicts/verdict.ts';
import type { Digest } from './digest.ts';
import { html, type Html } from './html.ts';
import { INK, MUTED } from './layout.ts';

import { figure } from '../../text/numbers.ts';

/** Told apart by lightness too, and named in the list below the bar. */
const COLOURS: Readonly<Record<VerdictKind, string>> = {
  stale: '#c2410c',
  unattached: '#e8a33d',
  redundant: '#7a4fa3',
  notObserved: '#9aa5b1',
  tooYoung: '#cfd6de',
  exempt: '#3d9a8b',
  active: '#1f62ad',
};

/** How many rules have which verdict: a bar, and the same as a table. */
export function verdictBar(verdicts: Digest['verdicts']): Html {
  const shown = verdicts.filter(({ rules }) => rules > 0);
  const all = shown.reduce((sum, { rules }) => sum + rules, 0);
  const bar = shown.map(
    ({ kind, rules }) =>
      html`<td
        width="${Math.max(1, Math.round((100 * rules) / all))}%"
        height="14"
        bgcolor="${COLOURS[kind]}"
        style="background:${COLOURS[kind]};height:14px;font-size:1px;line-height:14px"
      >
        &nbsp;
      </td>`,
  );
  const rows = shown.map(
    ({ kind, rules }) =>
      html`<tr>
        <td width="14" valign="top" style="padding:7px 8px 0 0">
          <div style="width:12px;height:12px;font-size:1px;line-height:12px;background:${COLOURS[kind]}">&nbsp;</div>
        </td>
        <td
          class="ink"
          align="right"
          valign="top"
          style="padding:3px 10px 3px 0;font-size:14px;line-height:20px;font-weight:700;white-space:nowrap;${INK}"
        >
          ${figure(rules)}
        </td>
        <td valign="top" width="100%" style="padding:3px 0;font-size:14px;line-height:20px">
          <span class="ink" style="${INK}">${kind}</span>
          <span class="muted" style="font-size:13px;${MUTED}">${VERDICT_MEANING[kind]}</span>
        </td>
      </tr>`,
  );
  return html`<table
      role="presentation"
      aria-hidden="true"
      width="100%"
      cellpadding="0"
      cellspacing="0"
      border="0"
      style="margin:0 0 8px"
    >
      <tr>
        ${bar}
      </tr>
    </table>
    <table role="presentation" aria-label="Rules by verdict" width="100%" cellpadding="0" cellspacing="0" border="0">
      ${rows}
    </table>`;
}
