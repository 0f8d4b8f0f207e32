import { BarChart, HeatmapChart, type BarSeriesOption, type HeatmapSeriesOption } from 'echarts/charts';
import {
  GridComponent,
  TooltipComponent,
  VisualMapPiecewiseComponent,
  type GridComponentOption,
  type TooltipComponentOption,
  type VisualMapComponentOption,
} from 'echarts/components';
import { init, use, type ComposeOption, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { el } from './dom.ts';

use([BarChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapPiecewiseComponent, SVGRenderer]);

export type ChartOption = ComposeOption<
  BarSeriesOption | GridComponentOption | HeatmapSeriesOption | TooltipComponentOption | VisualMapComponentOption
>;

/** Drawn into the chart's own picture: the other kind of tooltip would be markup. */
export const TOOLTIP: TooltipComponentOption = { renderMode: 'richText', confine: true };

export interface Ink {
  readonly text: string;
  readonly line: string;
  readonly paper: string;
}

const drawn = new Set<{ readonly element: HTMLElement; readonly chart: EChartsType; draw(): void }>();

/**
 * A chart with a title that says in words what it shows; the figures themselves belong beside it, in a table. Drawn when
 * it is first seen, and again when its room or the colours of the page change.
 */
export function chart(title: string, height: number, option: (ink: Ink, width: number) => ChartOption): HTMLElement {
  const element = el('div', { class: 'chart', role: 'img', 'aria-label': title });
  element.style.setProperty('height', `${String(height)}px`);
  let made: { element: HTMLElement; chart: EChartsType; draw(): void } | undefined;
  new ResizeObserver(() => {
    if (!element.isConnected || element.clientWidth === 0) return;
    if (!made) {
      const instance = init(element, null, { renderer: 'svg' });
      const draw = (): void => {
        instance.setOption({ animation: false, ...option(inkOf(element), element.clientWidth) }, { notMerge: true });
      };
      made = { element, chart: instance, draw };
      drawn.add(made);
    }
    made.chart.resize();
    made.draw();
  }).observe(element);
  return element;
}

/** After a change of colours; what is gone from the page is let go. */
export function redrawCharts(): void {
  for (const made of drawn) {
    if (made.element.isConnected) made.draw();
  }
  dropCharts();
}

/** Lets go of the charts that are no longer in the page. */
export function dropCharts(): void {
  for (const made of drawn) {
    if (made.element.isConnected) continue;
    made.chart.dispose();
    drawn.delete(made);
  }
}

function inkOf(element: HTMLElement): Ink {
  const style = getComputedStyle(element);
  return { text: style.color, line: style.borderTopColor, paper: style.backgroundColor };
}
