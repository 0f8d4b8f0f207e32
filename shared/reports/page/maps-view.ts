import { el } from './dom.ts';
import { heatMap } from './heat-map.ts';
import { hoursMap, portsByProtocol, rulesByDirection } from './map-data.ts';
import type { PageReport } from './packed-report.ts';

/** Where the use is. */
export function mapsView(report: PageReport): Node[] {
  const { rules } = report;
  return [
    el('h1', {}, 'Heat maps'),
    el(
      'p',
      { class: 'lead' },
      'The deeper the colour, the more the use. Figures are numbers of log records, which depend on the aggregation interval of the flow logs; a cell without colour had none.',
    ),
    heatMap(
      {
        title: 'Rules by direction',
        note: 'The rules that were used most.',
        rowTitle: 'Rule',
        columnTitle: 'Direction',
        valueTitle: 'Used',
      },
      rulesByDirection(rules),
    ),
    heatMap(
      {
        title: 'Ports by protocol',
        note: 'Service ports of requests, the busiest; ports from 1,024 that no rule names alone are counted in ranges. A request counts once for each rule that admitted it.',
        rowTitle: 'Port',
        columnTitle: 'Protocol',
        valueTitle: 'Used',
      },
      portsByProtocol(rules),
    ),
    heatMap(
      {
        title: 'Hours by day',
        note: 'Requests by UTC hour. A request counts once for each rule that admitted it.',
        rowTitle: 'Day',
        columnTitle: 'Hour',
        valueTitle: 'Requests',
      },
      hoursMap(report),
    ),
  ];
}
