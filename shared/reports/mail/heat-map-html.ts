import type { PortHeatMap, HeatRow, HeatSum } from './heat-map.ts';
import { html, type Html } from './html.ts';
import { INK, MUTED } from './layout.ts';
import { admitsForMail, groupForMail, compactFigure } from './words.ts';
import type { Direction } from '../../protocols.ts';
import { count } from '../../text/numbers.ts';

/** One blue, from light to dark: told apart by its lightness alone. Every cell says its figure as well. */
const LEVELS = [
  'background:#eef1f5;color:#556170',
  'background:#deebf7;color:#10243d',
  'background:#bdd7ee;color:#10243d',
  'background:#8fbbe3;color:#10243d',
  'background:#5f9bd5;color:#08172a',
  'background:#1f62ad;color:#ffffff',
  'background:#0b3a75;color:#ffffff',
] as const;

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** The heat map rule × direction as table cells: the darker, the more. */
export function heatMapHtml({ most, others, least, unused }: PortHeatMap): Html {
  const heads = ['In', 'Out'].map(
    (name) =>
      html`<th scope="col" class="muted" width="64" align="center" style="font-weight:600;padding:4px 0;${MUTED}">
        ${name}
      </th>`,
  );
  const rows = [
    ...most.map(ruleRow),
    ...sumRow(
      (rules) => count(rules, 'other used rule'),
      others,
      (direction) => compactFigure(others?.usedTimes[direction] ?? 0),
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

function ruleRow({ rule, usedTimes, level }: HeatRow): Html {
  const cells = DIRECTIONS.map((direction) => {
    if (direction !== rule.direction) return EMPTY;
    return html`<td align="center" style="padding:6px 2px;font-weight:600;white-space:nowrap;${LEVELS[level]!}">
      ${compactFigure(usedTimes)}
    </td>`;
  });
  return html`<tr>
    <th scope="row" class="ink" align="left" style="font-weight:400;padding:3px 8px 3px 0;word-break:break-word;${INK}">
      <bdi>${admitsForMail(rule)}</bdi><br />
      <span class="muted" style="font-size:12px;${MUTED}"><bdi>${groupForMail(rule)}</bdi></span>
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
    return html`<td class="zero" align="center" style="padding:6px 2px;${LEVELS[0]}">${text(direction)}</td>`;
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
