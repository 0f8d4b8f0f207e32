import { chart, TOOLTIP, type ChartOption, type Ink } from './chart.ts';
import { el, keyOf, plainTable } from './dom.ts';
import { HOURS } from './map-data.ts';
import { dayAfter, daysBetween, unpackHistory, type PageReport, type PageRule } from './packed-report.ts';
import { isDark } from './theme.ts';
import { count, figure, shortFigure } from '../../text/numbers.ts';

const HEIGHT = 170;

/** Of the palette of Okabe and Ito, which is readable to the colour-blind: https://jfly.uni-koeln.de/color/ */
const USED = '#0072b2';
const USED_ON_DARK = '#56b4e9';
const REPLIES = '#009e73';
const POSSIBLE = '#e69f00';

/** Use by day over the whole window, days without included, and the same as a table. */
export function historyChart(rule: PageRule, { window }: PageReport): HTMLElement {
  const history = unpackHistory(rule.history).map((day) => ({ ...day, day: dayAfter(window.from, day.offset) }));
  const before = Math.min(0, rule.history.days[0] ?? 0);
  const days = Array.from({ length: daysBetween(window.from, window.to) + 1 - before }, (_, i) => {
    return dayAfter(window.from, before + i);
  });
  if (history.length === 0) return el('p', {}, 'No use on any day of the window.');
  const byDay = new Map(history.map((day) => [day.day, day]));
  const series = [
    {
      name: 'Requests',
      color: isDark() ? USED_ON_DARK : USED,
      data: days.map((day) => byDay.get(day)?.usedTimes ?? 0),
    },
    { name: 'Replies', color: REPLIES, data: days.map((day) => byDay.get(day)?.replyTimes ?? 0) },
    { name: 'Possible', color: POSSIBLE, data: days.map((day) => byDay.get(day)?.possibleTimes ?? 0) },
  ].filter(({ data }) => data.some((times) => times > 0));
  const titles = ['Requests', 'Replies', 'Possible'].map((title) => ({ title, numeric: true }));
  return el(
    'div',
    {},
    el('p', { class: 'key' }, ...series.map(({ name, color }) => keyOf(name, color))),
    chart(`Use by day: ${count(history.length, 'day')} of ${count(days.length, 'day')} with use`, HEIGHT, (ink) =>
      bars(days, series, ink),
    ),
    figuresTable(
      plainTable(
        'Use by day',
        [{ title: 'Day' }, ...titles],
        history.map((day) => [day.day, figure(day.usedTimes), figure(day.replyTimes), figure(day.possibleTimes)]),
      ),
    ),
  );
}

/** Requests by UTC hour. */
export function hoursChart({ hours }: PageRule): HTMLElement {
  if (!hours.some((times) => times > 0)) return el('p', {}, 'No request in any hour.');
  const busiest = hours.indexOf(Math.max(...hours));
  const series = [{ name: 'Requests', color: isDark() ? USED_ON_DARK : USED, data: [...hours] }];
  const lines = hours.map((times, hour) => [HOURS[hour]!, figure(times)]);
  return el(
    'div',
    {},
    chart(`Requests by UTC hour, the most at ${HOURS[busiest]!} UTC`, HEIGHT, (ink) => bars(HOURS, series, ink)),
    figuresTable(plainTable('Requests by hour', [{ title: 'Hour' }, { title: 'Requests', numeric: true }], lines)),
  );
}

interface Series {
  readonly name: string;
  readonly color: string;
  readonly data: number[];
}

function bars(labels: readonly string[], series: readonly Series[], ink: Ink): ChartOption {
  return {
    grid: { left: 44, right: 8, top: 12, bottom: 24 },
    tooltip: { ...TOOLTIP, trigger: 'axis' },
    xAxis: {
      type: 'category',
      data: [...labels],
      axisLabel: { color: ink.text },
      axisLine: { lineStyle: { color: ink.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      splitNumber: 3,
      axisLabel: { color: ink.text, formatter: (times: number) => shortFigure(times) },
      splitLine: { lineStyle: { color: ink.line } },
    },
    series: series.map(({ name, color, data }) => ({ type: 'bar', stack: 'all', name, data, itemStyle: { color } })),
  };
}

function figuresTable(figures: HTMLElement): HTMLElement {
  return el('details', {}, el('summary', {}, 'The figures as a table'), el('div', { class: 'table-holder' }, figures));
}
