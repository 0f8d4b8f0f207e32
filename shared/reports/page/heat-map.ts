import { chart, TOOLTIP, type ChartOption, type Ink } from './chart.ts';
import { el, keyOf, plainTable } from './dom.ts';
import type { HeatMap } from './map-data.ts';
import { logSteps, type ColourStep } from './scale.ts';
import { shortFigure, visible } from './text.ts';
import { isDark } from './theme.ts';
import { figure } from '../../text/numbers.ts';

/** Viridis, which is as readable to the colour-blind and in grey (https://bids.github.io/colormap/). Light to dark. */
const VIRIDIS = ['#fde725', '#90d743', '#35b779', '#21918c', '#31688e', '#443983', '#440154'];

const ROW_HEIGHT = 22;
/** From this many rows on they are half as high, and not each has its label. */
const MANY_ROWS = 60;
const HEAD_HEIGHT = 40;
/** With more cells than this, figures in them would not fit. */
const MOST_LABELLED = 250;

export interface HeatMapWords {
  readonly title: string;
  readonly note: string;
  readonly columnTitle: string;
  readonly rowTitle: string;
  readonly valueTitle: string;
}

/** A heat map with its legend, and the same figures as a table. The deeper the colour, the more the use. */
export function heatMap(words: HeatMapWords, map: HeatMap): HTMLElement {
  const heading = el('h2', {}, words.title);
  const note = el('p', { class: 'muted' }, words.note);
  if (map.cells.length === 0) return el('section', {}, heading, note, el('p', {}, 'No use to show.'));
  const most = map.cells.reduce((largest, { value }) => Math.max(largest, value), 0);
  const least = map.cells.reduce((smallest, { value }) => Math.min(smallest, value), most);
  const steps = logSteps(least, most);
  const label = `${words.title}: ${words.rowTitle.toLowerCase()} by ${words.columnTitle.toLowerCase()}, the most ${figure(most)}; figures in the table below`;
  const height = map.rows.length * (map.rows.length < MANY_ROWS ? ROW_HEIGHT : ROW_HEIGHT / 2) + HEAD_HEIGHT;
  const drawing = chart(label, height, (ink, width) => optionOf(map, steps, ink, width));
  return el('section', { class: 'map' }, heading, note, drawing, legend(steps), figuresTable(words, map));
}

/** Which figures a colour stands for. */
function legend(steps: readonly ColourStep[]): HTMLElement {
  const [light, dark] = [false, true].map((onDark) => coloursOf(steps.length, onDark)) as [string[], string[]];
  const items = steps.map((step, i) => keyOf(stepText(step), `light-dark(${light[i]!}, ${dark[i]!})`));
  return el('p', { class: 'key' }, ...items);
}

function figuresTable(
  { title, columnTitle, rowTitle, valueTitle }: HeatMapWords,
  { columns, rows, cells }: HeatMap,
): HTMLElement {
  const holder = el('details', {}, el('summary', {}, 'The figures as a table'));
  // Up to two thousand cells: made when asked for.
  holder.addEventListener(
    'toggle',
    () => {
      const titles = [{ title: rowTitle }, { title: columnTitle }, { title: valueTitle, numeric: true }];
      const lines = cells.map(({ column, row, value }) => [rows[row]!, columns[column]!, figure(value)]);
      holder.append(el('div', { class: 'table-holder' }, plainTable(title, titles, lines)));
    },
    { once: true },
  );
  return holder;
}

function optionOf(
  { columns, rows, cells }: HeatMap,
  steps: readonly ColourStep[],
  ink: Ink,
  width: number,
): ChartOption {
  const colours = coloursOf(steps.length, isDark());
  const labelled = cells.length <= MOST_LABELLED;
  const axis = { type: 'category', axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line } } } as const;
  const rowRoom = Math.min(width * 0.5, 28 + 6.6 * Math.max(...rows.map((row) => row.length)));
  return {
    grid: { left: rowRoom, right: 8, top: 28, bottom: 4 },
    tooltip: {
      ...TOOLTIP,
      formatter: (point) => {
        const { data } = Array.isArray(point) ? point[0]! : point;
        const [column, row, value] = (data as { value: [number, number, number] }).value;
        return `${visible(rows[row]!)}\n${columns[column]!}: ${figure(value)}`;
      },
    },
    xAxis: { ...axis, position: 'top', data: [...columns], axisLabel: { color: ink.text } },
    yAxis: {
      ...axis,
      inverse: true,
      data: rows.map(visible),
      axisLabel: {
        color: ink.text,
        width: rowRoom - 12,
        overflow: 'truncate',
        interval: rows.length < MANY_ROWS ? 0 : 1,
      },
    },
    visualMap: {
      type: 'piecewise',
      show: false,
      dimension: 2,
      pieces: steps.map(({ from, to }, i) => ({ gte: from, lte: to, color: colours[i]! })),
    },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: ink.paper, borderWidth: 1 },
        data: cells.map(({ column, row, value }) => {
          const step = steps.findIndex(({ to }) => value <= to);
          const label = { show: labelled, color: labelColour(colours[step]!), formatter: shortFigure(value) };
          return { value: [column, row, value], label };
        }),
      },
    ],
  };
}

function stepText({ from, to }: ColourStep): string {
  return from === to ? shortFigure(from) : `${shortFigure(from)}–${shortFigure(to)}`;
}

/** Deep is far from the paper: dark on light, light on dark. */
function coloursOf(steps: number, onDark: boolean): string[] {
  const all = onDark ? [...VIRIDIS].reverse() : VIRIDIS;
  return Array.from(
    { length: steps },
    (_, i) => all[steps === 1 ? all.length - 1 : Math.round((i * (all.length - 1)) / (steps - 1))]!,
  );
}

/** Black or white, whichever is easier to read on it. */
function labelColour(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 > 0.18 ? '#000' : '#fff';
}
