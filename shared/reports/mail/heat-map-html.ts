import type { RuleHeatMap, HeatRow, HeatSum } from './heat-map.ts';
import { BLUES, inkOn } from '../heat-scale.ts';
import { html, type Html } from './html.ts';
import { INK, MUTED } from './layout.ts';
import { admitsForMail, groupLinesForMail } from './words.ts';
import type { Direction } from '../../protocols.ts';
import { count, shortFigure } from '../../text/numbers.ts';

/** Of a sum, which is no rule and has no colour of its own. */
const SUM = 'background:#eef1f5;color:#556170';

/** By shade. In the dark the classes `h0` and on take over. */
const SHADES = BLUES.light.map((colour) => `background:${colour};color:${inkOn(colour)}`);

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** The heat map rule × direction as table cells: the darker, the more. */
export function heatMapHtml({ most, others, least, unused }: RuleHeatMap): Html {
  const heads = ['In', 'Out'].map(
    (name) =>
      html`<th scope="col" class="muted" width="52" align="center" style="font-weight:600;padding:4px 0;${MUTED}">
        ${name}
      </th>`,
  );
  const rows = [
    ...most.map(ruleRow),
    ...sumRow(
      (rules) => count(rules, 'other used rule'),
      others,
      (direction) => shortFigure(others?.usedTimes[direction] ?? 0),
    ),
    ...least.map(ruleRow),
    ...sumRow(
      (rules) => `${count(rules, 'rule')} without use`,
      unused,
      (direction) => count(unused?.rules[direction] ?? 0, 'rule'),
    ),
  ];
  return html`<table
    width="100%"
    cellpadding="0"
    cellspacing="2"
    border="0"
    style="border-collapse:separate;font-size:13px;line-height:18px"
  >
    <tr>
      <th scope="col" class="muted" align="left" style="font-weight:600;padding:4px 0;${MUTED}">Rule</th>
      ${heads}
    </tr>
    ${rows}
  </table>`;
}

function ruleRow({ rule, usedTimes, shade }: HeatRow): Html {
  const cells = DIRECTIONS.map((direction) => {
    if (direction !== rule.direction) return EMPTY;
    return html`<td
      class="h${shade}"
      align="center"
      style="padding:6px 2px;font-weight:600;white-space:nowrap;${SHADES[shade]!}"
    >
      ${shortFigure(usedTimes)}
    </td>`;
  });
  return html`<tr>
    <th scope="row" class="ink" align="left" style="font-weight:400;padding:3px 8px 3px 0;word-break:break-word;${INK}">
      <bdi>${admitsForMail(rule)}</bdi><br />
      <span class="muted" style="font-size:12px;${MUTED}">${groupLinesForMail(rule)}</span>
    </th>
    ${cells}
  </tr>`;
}

const EMPTY = html`<td align="center" style="padding:6px 2px"></td>`;

/** A sum is not a rule: it has no colour of its own. */
function sumRow(
  name: (rules: number) => string,
  sum: HeatSum | undefined,
  text: (direction: Direction) => string,
): Html[] {
  if (!sum) return [];
  const cells = DIRECTIONS.map((direction) => {
    if (sum.rules[direction] === 0) return EMPTY;
    return html`<td class="zero" align="center" style="padding:6px 2px;${SUM}">${text(direction)}</td>`;
  });
  return [
    html`<tr>
      <th scope="row" class="muted" align="left" style="font-weight:400;padding:6px 8px 6px 0;${MUTED}">
        ${name(sum.rules.ingress + sum.rules.egress)}
      </th>
      ${cells}
    </tr>`,
  ];
}
