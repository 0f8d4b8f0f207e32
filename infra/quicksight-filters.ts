import type { CfnDashboard as Q } from 'aws-cdk-lib/aws-quicksight';
import type { ShownColumn } from '../shared/export/data-set.ts';
import { columnOf, DATA_SET_IDENTIFIER } from './quicksight-visuals.ts';

/** A filter with what a person sets it by. */
export interface UserFilter {
  readonly group: Q.FilterGroupProperty;
  readonly parameters: readonly Q.ParameterDeclarationProperty[];
  readonly controls: readonly {
    readonly id: string;
    readonly filter?: Q.FilterControlProperty;
    readonly parameter?: Q.ParameterControlProperty;
  }[];
}

const ofGroup = (id: string, filter: Q.FilterProperty, scope: Q.SheetVisualScopingConfigurationProperty) => ({
  filterGroupId: id,
  filters: [filter],
  crossDataset: 'SINGLE_DATASET',
  status: 'ENABLED',
  // Not `allSheets`: it is an empty object, and CDK leaves those out.
  scopeConfiguration: { selectedSheets: { sheetVisualScopingConfigurations: [scope] } },
});

const wholeSheet = (sheetId: string) => ({ sheetId, scope: 'ALL_VISUALS' });

/** All values at first; a person picks some. */
export function pick(sheetId: string, name: ShownColumn, title: string): UserFilter {
  const filterId = `pick-${name}`;
  const filterListConfiguration = { matchOperator: 'CONTAINS', selectAllOptions: 'FILTER_ALL_VALUES' };
  const filter = { filterId, column: columnOf(name), configuration: { filterListConfiguration } };
  const id = `${filterId}-control`;
  return {
    group: ofGroup(`${filterId}-group`, { categoryFilter: filter }, wholeSheet(sheetId)),
    parameters: [],
    controls: [
      { id, filter: { dropdown: { filterControlId: id, sourceFilterId: filterId, title, type: 'MULTI_SELECT' } } },
    ],
  };
}

const PERIOD = [
  ['from', 'From', (days: number) => `addDateTime(-${days}, 'DD', truncDate('DD', now()))`],
  ['to', 'To', () => `truncDate('DD', now())`],
] as const;

/** Two days, both inclusive; at first the last so many. */
export function period(sheetId: string, name: ShownColumn, days: number): UserFilter {
  const filter = {
    filterId: 'period',
    column: columnOf(name),
    rangeMinimumValue: { parameter: 'from' },
    rangeMaximumValue: { parameter: 'to' },
    includeMinimum: true,
    includeMaximum: true,
    timeGranularity: 'DAY',
    nullOption: 'NON_NULLS_ONLY',
  };
  return {
    group: ofGroup('period-group', { timeRangeFilter: filter }, wholeSheet(sheetId)),
    parameters: PERIOD.map(([parameter, , expression]) => {
      const rollingDate = { dataSetIdentifier: DATA_SET_IDENTIFIER, expression: expression(days) };
      const declaration = { name: parameter, timeGranularity: 'DAY', defaultValues: { rollingDate } };
      return { dateTimeParameterDeclaration: declaration };
    }),
    controls: PERIOD.map(([sourceParameterName, title]) => {
      const id = `${sourceParameterName}-control`;
      return { id, parameter: { dateTimePicker: { parameterControlId: id, sourceParameterName, title } } };
    }),
  };
}

/** Always on, for these visuals: only rows with one of the values, or with none of them. */
export function only(
  id: string,
  sheetId: string,
  visualIds: readonly string[],
  name: ShownColumn,
  matchOperator: 'CONTAINS' | 'DOES_NOT_CONTAIN',
  categoryValues: readonly string[],
): Q.FilterGroupProperty {
  const filterListConfiguration = { matchOperator, categoryValues: [...categoryValues] };
  const filter = { filterId: id, column: columnOf(name), configuration: { filterListConfiguration } };
  const scope = { sheetId, scope: 'SELECTED_VISUALS', visualIds: [...visualIds] };
  return ofGroup(`${id}-group`, { categoryFilter: filter }, scope);
}
