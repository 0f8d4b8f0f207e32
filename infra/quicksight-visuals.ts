import type { CfnDashboard as Q } from 'aws-cdk-lib/aws-quicksight';
import { DATA_SET, type ShownColumn } from '../shared/export/data-set.ts';

/** By which the definition names the data set. */
export const DATA_SET_IDENTIFIER = 'usage';

/** Most rows that are drawn: heat maps beyond some fifty cannot be read. */
const ROWS_DRAWN = 50;
/** Both ends of the blues of page and mail: told from each other by their depth alone, so by everybody. */
const [LIGHT, DEEP] = ['#DBE9F6', '#0B3A75'];

/** A visual with the ids that filters and layouts know it by. */
export interface Visual {
  readonly id: string;
  /** Of 36 columns and any number of rows. */
  readonly columns: number;
  readonly rows: number;
  readonly visual: Q.VisualProperty;
}

interface Titles {
  readonly title: string;
  readonly subtitle?: string;
}

type Size = Pick<Visual, 'columns' | 'rows'>;
type Order = 'ASC' | 'DESC';
/** How the values of a column are put together. */
type Aggregation = 'SUM' | 'MAX' | 'DISTINCT_COUNT';
type Measured = readonly [column: ShownColumn, aggregation: Aggregation];

export function columnOf(columnName: ShownColumn): Q.ColumnIdentifierProperty {
  return { dataSetIdentifier: DATA_SET_IDENTIFIER, columnName };
}

/** Unique in the definition. */
const fieldId = (visual: string, column: ShownColumn): string => `${visual}-${column}`;

function dimension(visual: string, name: ShownColumn): Q.DimensionFieldProperty {
  const field = { fieldId: fieldId(visual, name), column: columnOf(name) };
  switch (DATA_SET[name].type) {
    case 'text':
      return { categoricalDimensionField: field };
    case 'time':
      return { dateDimensionField: { ...field, dateGranularity: 'DAY' } };
    case 'integer':
    case 'count':
    case 'number':
      return { numericalDimensionField: field };
  }
}

function measure(visual: string, [name, aggregation]: Measured): Q.MeasureFieldProperty {
  const field = { fieldId: fieldId(visual, name), column: columnOf(name) };
  switch (DATA_SET[name].type) {
    case 'text':
      return { categoricalMeasureField: { ...field, aggregationFunction: aggregation } };
    case 'time':
      return { dateMeasureField: { ...field, aggregationFunction: aggregation } };
    case 'integer':
    case 'count':
    case 'number': {
      const aggregationFunction = { simpleNumericalAggregation: aggregation };
      return { numericalMeasureField: { ...field, aggregationFunction } };
    }
  }
}

function titled({ title, subtitle }: Titles): Pick<Q.HeatMapVisualProperty, 'title' | 'subtitle'> {
  return {
    title: { visibility: 'VISIBLE', formatText: { plainText: title } },
    subtitle:
      subtitle === undefined
        ? { visibility: 'HIDDEN' }
        : { visibility: 'VISIBLE', formatText: { plainText: subtitle } },
  };
}

const sorted = (field: string, direction: Order): Q.FieldSortOptionsProperty[] => [
  { fieldSort: { fieldId: field, direction } },
];

export interface HeatMapVisual extends Titles, Size {
  readonly id: string;
  readonly row: ShownColumn;
  readonly column: ShownColumn;
  /** Summed: the more, the deeper. */
  readonly value: ShownColumn;
  /** Which rows are drawn, where there are more than fit: those with the largest values, or the last by name. */
  readonly rowsBy: 'value' | 'name';
}

/** Each well takes one field: https://docs.aws.amazon.com/quicksight/latest/user/heat-map.html */
export function heatMapVisual({ id, row, column, value, rowsBy, columns, rows, ...titles }: HeatMapVisual): Visual {
  const visual: Q.HeatMapVisualProperty = {
    visualId: id,
    ...titled(titles),
    chartConfiguration: {
      fieldWells: {
        heatMapAggregatedFieldWells: {
          rows: [dimension(id, row)],
          columns: [dimension(id, column)],
          values: [measure(id, [value, 'SUM'])],
        },
      },
      sortConfiguration: {
        heatMapRowSort: sorted(fieldId(id, rowsBy === 'value' ? value : row), 'DESC'),
        heatMapColumnSort: sorted(fieldId(id, column), 'ASC'),
        heatMapRowItemsLimitConfiguration: { itemsLimit: ROWS_DRAWN, otherCategories: 'EXCLUDE' },
        heatMapColumnItemsLimitConfiguration: { itemsLimit: ROWS_DRAWN, otherCategories: 'EXCLUDE' },
      },
      colorScale: {
        colorFillType: 'GRADIENT',
        colors: [{ color: LIGHT }, { color: DEEP }],
        nullValueColor: { color: '#FFFFFF' },
      },
      legend: { visibility: 'VISIBLE' },
      tooltip: { tooltipVisibility: 'VISIBLE' },
    },
  };
  return { id, columns, rows, visual: { heatMapVisual: visual } };
}

export interface Kpi extends Titles {
  readonly id: string;
  readonly value: Measured;
}

export function kpi({ id, value, ...titles }: Kpi, size: Size): Visual {
  const chartConfiguration = { fieldWells: { values: [measure(id, value)] } };
  return { id, ...size, visual: { kpiVisual: { visualId: id, ...titled(titles), chartConfiguration } } };
}

export interface RuleTable extends Titles, Size {
  readonly id: string;
  readonly by: readonly ShownColumn[];
  readonly values: readonly Measured[];
  readonly sortBy: readonly [column: ShownColumn, order: Order];
}

export function ruleTable({ id, by, values, sortBy: [column, order], columns, rows, ...titles }: RuleTable): Visual {
  const visual: Q.TableVisualProperty = {
    visualId: id,
    ...titled(titles),
    chartConfiguration: {
      fieldWells: {
        tableAggregatedFieldWells: {
          groupBy: by.map((name) => dimension(id, name)),
          values: values.map((one) => measure(id, one)),
        },
      },
      sortConfiguration: { rowSort: sorted(fieldId(id, column), order) },
    },
  };
  return { id, columns, rows, visual: { tableVisual: visual } };
}
