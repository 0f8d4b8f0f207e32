import type { CfnDashboard as Q } from 'aws-cdk-lib/aws-quicksight';
import { GONE } from '../shared/export/data-set.ts';
import { only, period, pick } from './quicksight-filters.ts';
import { DATA_SET_IDENTIFIER, heatMapVisual, kpi, ruleTable, type Visual } from './quicksight-visuals.ts';

const SHEET = 'rules';
const WIDTH = 36;
const DAYS_AT_FIRST = 30;
const RECORDS =
  'Counted in flow-log records, requests and replies: how many there are depends on the aggregation interval.';

const KPIS = [
  kpi({ id: 'rules', title: 'Rules', value: ['rule_id', 'DISTINCT_COUNT'] }, { columns: 6, rows: 4 }),
  kpi({ id: 'unused', title: 'Stale or unattached', value: ['rule_id', 'DISTINCT_COUNT'] }, { columns: 6, rows: 4 }),
  kpi({ id: 'redundant', title: 'Redundant', value: ['rule_id', 'DISTINCT_COUNT'] }, { columns: 6, rows: 4 }),
  kpi({ id: 'unknown', title: 'Not observed', value: ['rule_id', 'DISTINCT_COUNT'] }, { columns: 6, rows: 4 }),
  kpi({ id: 'credited', title: 'Records credited', value: ['records', 'SUM'] }, { columns: 6, rows: 4 }),
  kpi({ id: 'bytes', title: 'Bytes', value: ['bytes', 'SUM'] }, { columns: 6, rows: 4 }),
];

const VISUALS: readonly Visual[] = [
  ...KPIS,
  heatMapVisual({
    id: 'rule-direction',
    title: 'Rules and directions: the deeper, the more used',
    subtitle: `The 50 most used. ${RECORDS} A record is counted for every rule that admitted it.`,
    row: 'rule_label',
    column: 'direction',
    value: 'records',
    rowsBy: 'value',
    columns: 18,
    rows: 20,
  }),
  heatMapVisual({
    id: 'port-protocol',
    title: 'Ports and protocols',
    subtitle: `The 50 busiest. Ports of 1,024 and above in ranges, unless a rule names one alone. ${RECORDS}`,
    row: 'port',
    column: 'protocol',
    value: 'port_records',
    rowsBy: 'value',
    columns: 18,
    rows: 20,
  }),
  heatMapVisual({
    id: 'hour-day',
    title: 'Days and hours, UTC',
    subtitle: 'The last 50 days of the period. Counted in records of requests.',
    row: 'day',
    column: 'hour',
    value: 'hour_requests',
    rowsBy: 'name',
    columns: 36,
    rows: 16,
  }),
  ruleTable({
    id: 'rule-table',
    title: 'All rules, the least used first',
    subtitle: `Verdicts are those of the last night, whatever the period. ${RECORDS}`,
    by: ['rule_label', 'group_label', 'direction', 'verdict'],
    values: [
      ['records', 'SUM'],
      ['possible_times', 'SUM'],
      ['last_used', 'MAX'],
      ['rank_score', 'MAX'],
      ['as_of', 'MAX'],
    ],
    sortBy: ['records', 'ASC'],
    columns: 36,
    rows: 20,
  }),
];

const FILTERS = [
  period(SHEET, 'day', DAYS_AT_FIRST),
  pick(SHEET, 'account_id', 'Account'),
  pick(SHEET, 'group_label', 'Group'),
  pick(SHEET, 'verdict', 'Verdict'),
];

const ALWAYS = [
  only('of-ports', SHEET, ['port-protocol'], 'detail', 'CONTAINS', ['port']),
  only('of-hours', SHEET, ['hour-day'], 'detail', 'CONTAINS', ['hour']),
  only('of-days', SHEET, ['rule-direction', 'rule-table'], 'detail', 'CONTAINS', ['day']),
  only('are-there', SHEET, ['rules'], 'verdict', 'DOES_NOT_CONTAIN', [GONE]),
  only('are-unused', SHEET, ['unused'], 'verdict', 'CONTAINS', ['stale', 'unattached']),
  only('are-redundant', SHEET, ['redundant'], 'verdict', 'CONTAINS', ['redundant']),
  only('are-unknown', SHEET, ['unknown'], 'verdict', 'CONTAINS', ['notObserved']),
];

/** What the analysis and the dashboard show alike. */
export function definition(dataSetArn: string): Q.DashboardVersionDefinitionProperty {
  const controls = FILTERS.flatMap((filter) => filter.controls);
  return {
    dataSetIdentifierDeclarations: [{ identifier: DATA_SET_IDENTIFIER, dataSetArn }],
    parameterDeclarations: FILTERS.flatMap(({ parameters }) => parameters),
    filterGroups: [...FILTERS.map(({ group }) => group), ...ALWAYS],
    sheets: [
      {
        sheetId: SHEET,
        name: 'Security group rules',
        contentType: 'INTERACTIVE',
        parameterControls: controls.flatMap(({ parameter }) => parameter ?? []),
        filterControls: controls.flatMap(({ filter }) => filter ?? []),
        visuals: VISUALS.map(({ visual }) => visual),
        layouts: [{ configuration: { gridLayout: { elements: placed(VISUALS) } } }],
        sheetControlLayouts: [
          {
            configuration: {
              gridLayout: {
                elements: controls.map(({ id, parameter }) => ({
                  elementId: id,
                  elementType: parameter ? 'PARAMETER_CONTROL' : 'FILTER_CONTROL',
                  columnSpan: 4,
                  rowSpan: 1,
                })),
              },
            },
          },
        ],
      },
    ],
  };
}

/** From left to right, and below each other where a line is full. */
function placed(visuals: readonly Visual[]): Q.GridLayoutElementProperty[] {
  let [columnIndex, rowIndex, height] = [0, 0, 0];
  return visuals.map(({ id, columns, rows }) => {
    if (columnIndex + columns > WIDTH) [columnIndex, rowIndex, height] = [0, rowIndex + height, 0];
    const element = { elementId: id, elementType: 'VISUAL', columnIndex, rowIndex, columnSpan: columns, rowSpan: rows };
    [columnIndex, height] = [columnIndex + columns, Math.max(height, rows)];
    return element;
  });
}
