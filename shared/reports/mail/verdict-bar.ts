import { VERDICT_MEANING, VERDICT_NAME } from '../verdict-text.ts';
import type { Digest } from './digest.ts';
import { html, type Html } from './html.ts';
import { INK, MUTED } from './layout.ts';
import { VERDICT_COLOURS } from './verdict-colours.ts';

import { figure } from '../../text/numbers.ts';

/** How many rules have which verdict: a bar, and the same as a table. */
export function verdictBar(verdicts: Digest['verdicts']): Html {
  const shown = verdicts.filter(({ rules }) => rules > 0);
  const all = shown.reduce((sum, { rules }) => sum + rules, 0);
  const bar = shown.map(
    ({ kind, rules }) =>
      html`<td
        class="v-${kind}"
        width="${Math.max(1, Math.round((100 * rules) / all))}%"
        height="14"
        bgcolor="${VERDICT_COLOURS[kind][0]}"
        style="background:${VERDICT_COLOURS[kind][0]};height:14px;font-size:1px;line-height:14px"
      >
        &nbsp;
      </td>`,
  );
  const rows = shown.map(
    ({ kind, rules }) =>
      html`<tr>
        <td width="14" valign="top" style="padding:7px 8px 0 0">
          <div
            class="v-${kind}"
            style="width:12px;height:12px;font-size:1px;line-height:12px;background:${VERDICT_COLOURS[kind][0]}"
          >
            &nbsp;
          </div>
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
          <span class="ink" style="${INK}">${VERDICT_NAME[kind]}:</span>
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
