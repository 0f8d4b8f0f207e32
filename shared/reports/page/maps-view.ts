import { el } from './dom.ts';
import { heatMap } from './heat-map.ts';
import { hoursMap, portsByProtocol, rulesByDay, rulesByDirection } from './map-data.ts';
import { daysBetween, type PageReport } from './packed-report.ts';

/** Where the use is. */
export function mapsView(report: PageReport): Node[] {
  const { rules, window } = report;
  const map = rulesByDay(report);
  const isByDay = map.columns.length > daysBetween(window.from, window.to);
  return [
    el('h1', {}, 'Heat maps'),
    el(
      'p',
      { class: 'lead' },
      'The deeper the colour, the more the use. Figures are numbers of log records, which depend on the aggregation interval of the flow logs; a cell without colour had none.',
    ),
    heatMap(
      {
        title: 'Rules of the riskiest groups by day',
        note: 'Requests and replies. The groups with the highest priorities, and of each the rules to look at first. A day that was not watched says nothing: silence on it is no disuse.',
        rowTitle: 'Rule',
        columnTitle: isByDay ? 'Day' : 'Week from',
        valueTitle: 'Records',
      },
      map,
    ),
    heatMap(
      {
        title: 'Ports by protocol',
        note: 'Requests and replies by service port, the busiest; ports from 1,024 that no rule names alone are counted in ranges. A record counts once for each rule that admitted it.',
        rowTitle: 'Port',
        columnTitle: 'Protocol',
        valueTitle: 'Records',
      },
      portsByProtocol(rules),
    ),
    heatMap(
      {
        title: 'Rules by direction',
        note: 'Requests and replies of the rules that were used most; the colours are for all rules, as in the mail.',
        rowTitle: 'Rule',
        columnTitle: 'Direction',
        valueTitle: 'Records',
      },
      rulesByDirection(rules),
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
