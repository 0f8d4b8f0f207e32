import { chart, TOOLTIP, type ChartOption, type Ink } from './chart.ts';
import { el, keyOf, plainTable } from './dom.ts';
import { inkOn, stepColours, stepsOver, type ColourStep } from '../heat-scale.ts';
import type { Doubt, HeatMap } from './map-data.ts';
import { visible } from './text.ts';
import { isDark } from './theme.ts';
import { figure, shortFigure } from '../../text/numbers.ts';

/** Beside the scale, and not of it: what is not known is neither use nor silence. */
const DOUBTS: Readonly<Record<Doubt, { meaning: string; mark: string; light: string; dark: string; code: number }>> = {
  gap: { meaning: 'not watched', mark: '×', light: '#c9ccd1', dark: '#4b525b', code: -1 },
  possible: { meaning: 'possible use only', mark: '?', light: '#f0c47c', dark: '#a06d12', code: -2 },
};

const ROW_HEIGHT = 22;
/** From this many rows on they are half as high, and not each has its label. */
const MANY_ROWS = 60;
const HEAD_HEIGHT = 40;
/** With more cells than this, figures in them would not fit. */
const MOST_LABELLED = 250;
/** Of cells without a figure, which have a sign. */
const MOST_MARKED = 1000;

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
  const figures = map.scaledOver ?? map.cells.map(({ value }) => value);
  const steps = stepsOver(figures);
  const most = steps.at(-1)?.to ?? 0;
  const doubts = (Object.keys(DOUBTS) as Doubt[]).filter((kind) => map.cells.some(({ doubt }) => doubt === kind));
  const label = `${words.title}: ${words.rowTitle.toLowerCase()} by ${words.columnTitle.toLowerCase()}, the most ${figure(most)}; figures in the table below`;
  const height = map.rows.length * (map.rows.length < MANY_ROWS ? ROW_HEIGHT : ROW_HEIGHT / 2) + HEAD_HEIGHT;
  const drawing = chart(label, height, (ink, width) => optionOf(map, steps, ink, width));
  return el('section', { class: 'map' }, heading, note, drawing, legend(steps, doubts), figuresTable(words, map));
}

/** Which figures a colour stands for. */
function legend(steps: readonly ColourStep[], doubts: readonly Doubt[]): HTMLElement {
  const [light, dark] = [stepColours(steps.length, 'light'), stepColours(steps.length, 'dark')];
  const items = steps.map((step, i) => keyOf(stepText(step), `light-dark(${light[i]!}, ${dark[i]!})`));
  const beside = doubts.map((kind) => DOUBTS[kind]);
  return el(
    'p',
    { class: 'key' },
    ...items,
    ...beside.map(({ mark, meaning, light, dark }) => keyOf(`${mark} ${meaning}`, `light-dark(${light}, ${dark})`)),
  );
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
      const lines = cells.map(({ column, row, value, doubt }) => {
        return [rows[row]!, columns[column]!, doubt ? DOUBTS[doubt].meaning : figure(value)];
      });
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
  const scheme = isDark() ? 'dark' : 'light';
  const colours = stepColours(steps.length, scheme);
  const labelled = cells.length <= MOST_LABELLED;
  const marked = cells.filter(({ doubt }) => doubt).length <= MOST_MARKED;
  const axis = { type: 'category', axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line } } } as const;
  const rowRoom = Math.min(width * 0.5, 28 + 6.6 * Math.max(...rows.map((row) => row.length)));
  return {
    grid: { left: rowRoom, right: 8, top: 28, bottom: 4 },
    tooltip: {
      ...TOOLTIP,
      formatter: (point) => {
        const { data } = Array.isArray(point) ? point[0]! : point;
        const [column, row, value] = (data as { value: [number, number, number] }).value;
        const doubt = Object.values(DOUBTS).find(({ code }) => code === value);
        return `${visible(rows[row]!)}\n${columns[column]!}: ${doubt?.meaning ?? figure(value)}`;
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
      pieces: [
        ...steps.map(({ from, to }, i) => ({ gte: from, lte: to, color: colours[i]! })),
        ...Object.values(DOUBTS).map((doubt) => ({ value: doubt.code, color: doubt[scheme] })),
      ],
    },
    series: [
      {
        type: 'heatmap',
        itemStyle: { borderColor: ink.paper, borderWidth: 1 },
        data: cells.map(({ column, row, value, doubt }) => {
          if (doubt) {
            const { mark, code } = DOUBTS[doubt];
            return {
              value: [column, row, code],
              label: { show: marked, color: inkOn(DOUBTS[doubt][scheme]), formatter: mark },
            };
          }
          const step = steps.findIndex(({ to }) => value <= to);
          const label = { show: labelled, color: inkOn(colours[step]!), formatter: shortFigure(value) };
          return { value: [column, row, value], label };
        }),
      },
    ],
  };
}

function stepText({ from, to }: ColourStep): string {
  return from === to ? shortFigure(from) : `${shortFigure(from)}–${shortFigure(to)}`;
}
