import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../shared/configuration/config.ts';
import { DATA_SET, DATA_SET_COLUMNS, dataSetSql, GONE } from '../../shared/export/data-set.ts';
import { EXPORTED_TABLES, TYPES, type TableColumns } from '../../shared/export/tables.ts';
import { BLUES } from '../../shared/reports/heat-scale.ts';
import { VERDICT_KINDS } from '../../shared/verdicts/verdict.ts';
import { grantsOf, policyLines, roleId } from './policies.ts';
import { all, one, plain, servicesWith, synthesizeExample, type Properties } from './synthesized.ts';
import { VARIANTS } from './variants.ts';

const { quicksight } = VARIANTS.quicksight;
/** Passes CloudFormation's rules and cdk-nag, or this throws. */
const services = await servicesWith(VARIANTS.quicksight);
const other = await servicesWith(VARIANTS.quicksightEarly);
const { services: without } = await synthesizeExample('existing-bucket');

const source = one(services, 'AWS::QuickSight::DataSource');
const dataSet = one(services, 'AWS::QuickSight::DataSet');
const analysis = one(services, 'AWS::QuickSight::Analysis');
const dashboard = one(services, 'AWS::QuickSight::Dashboard');
const definition = dashboard.Definition as Definition;
const sheet = definition.Sheets[0]!;

interface Definition {
  readonly DataSetIdentifierDeclarations: readonly { Identifier: string; DataSetArn: unknown }[];
  readonly ParameterDeclarations: readonly { DateTimeParameterDeclaration: { Name: string } }[];
  readonly FilterGroups: readonly FilterGroup[];
  readonly Sheets: readonly Sheet[];
}

interface FilterGroup {
  readonly Status: string;
  readonly Filters: readonly Readonly<Record<string, { FilterId: string; Column: { ColumnName: string } }>>[];
  readonly ScopeConfiguration: {
    readonly SelectedSheets: { readonly SheetVisualScopingConfigurations: readonly Scope[] };
  };
}

interface Scope {
  readonly SheetId: string;
  readonly Scope: string;
  readonly VisualIds?: readonly string[];
}

interface Element {
  readonly ElementId: string;
  readonly ElementType: string;
  readonly ColumnIndex: number;
  readonly RowIndex: number;
  readonly ColumnSpan: number;
  readonly RowSpan: number;
}

interface Grid {
  readonly Configuration: { readonly GridLayout: { readonly Elements: readonly Element[] } };
}

interface Sheet {
  readonly SheetId: string;
  readonly Visuals: readonly Readonly<Record<string, { VisualId: string }>>[];
  readonly Layouts: readonly Grid[];
  readonly SheetControlLayouts: readonly Grid[];
  readonly FilterControls: readonly { Dropdown: { FilterControlId: string; SourceFilterId: string } }[];
  readonly ParameterControls: readonly { DateTimePicker: Readonly<Record<string, string>> }[];
}

/** Every object of a definition that has this property, however deep. */
function having(value: unknown, property: string): Properties[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((it) => having(it, property));
  return property in value ? [value as Properties, ...inner] : inner;
}

test('without a principal there is no trace of QuickSight', () => {
  expect(JSON.stringify(without)).not.toMatch(/quick.?sight/i);
  expect(JSON.stringify(services)).toMatch(/quick.?sight/i);
});

test('with one, nothing else changes', () => {
  const ours = Object.keys(services).filter((id) => !(id in without));
  const changed = Object.keys(without).filter((id) => JSON.stringify(without[id]) !== JSON.stringify(services[id]));
  expect(changed).toEqual([]);
  expect(ours.filter((id) => !id.startsWith('QuickSight'))).toEqual([]);
});

test.each([
  ['a role of IAM', 'arn:aws:iam::111122223333:role/Admin'],
  ['a name', 'network team'],
  ['everybody', 'arn:aws:quicksight:eu-central-1:111122223333:namespace/default'],
])('%s is no principal', (_what, principalArn) => {
  const flowLogs = { bucket: 'amzn-s3-demo-bucket' };
  expect(() => parseConfig({ flowLogs, quicksight: { principalArn } })).toThrow('quicksight.principalArn');
});

describe('the tables of the export', () => {
  test.each(Object.entries(EXPORTED_TABLES))(
    '%s has the columns and types of its files',
    (name, { columns, folder: at }) => {
      const tables = all(without, 'AWS::Glue::Table').map(({ TableInput }) => TableInput as Properties);
      const { StorageDescriptor } = tables.find(({ Name }) => Name === name)!;
      const { Columns: columnsInGlue, Location } = StorageDescriptor as Properties;
      expect(columnsInGlue).toEqual(
        Object.entries(columns as TableColumns).map(([Name, { type, comment }]) => ({
          Name,
          Type: TYPES[type].glue,
          Comment: comment,
        })),
      );
      expect(plain(Location, without)).toBe(`s3://sg-analysis-data-<account>-<region>/${at}`);
    },
  );

  test('know their days without being told', () => {
    const usage = all(without, 'AWS::Glue::Table').find(
      ({ TableInput }) => (TableInput as Properties).Name === 'usage',
    );
    const { Parameters, PartitionKeys } = usage!.TableInput as Properties;
    expect(PartitionKeys).toEqual([{ Name: 'day', Type: 'string', Comment: 'UTC day' }]);
    const { 'storage.location.template': template, ...rest } = Parameters as Properties;
    expect(plain(template, without)).toBe(
      's3://sg-analysis-data-<account>-<region>/exports/usage/day=' + '$' + '{day}/',
    );
    expect(rest).toEqual({
      classification: 'parquet',
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.format': 'yyyy-MM-dd',
      'projection.day.range': 'NOW-400DAYS,NOW',
    });
  });

  test('are in the database of the deployment, and wait for it', () => {
    const [[databaseId]] = Object.entries(without).filter(([, { Type }]) => Type === 'AWS::Glue::Database') as [
      [string, unknown],
    ];
    for (const [id, { Type, Properties }] of Object.entries(without)) {
      if (Type !== 'AWS::Glue::Table') continue;
      expect(Properties.DatabaseName).toBe('sg_analysis');
      expect((without[id] as unknown as { DependsOn: string[] }).DependsOn).toContain(databaseId);
    }
  });
});

describe('the data set', () => {
  const { CustomSql } = (dataSet.PhysicalTableMap as Record<string, { CustomSql: Properties }>).usage!;

  test('is the query over the export, for as long as a verdict looks back, in SPICE', () => {
    expect(CustomSql.SqlQuery).toBe(dataSetSql('sg_analysis', 90));
    expect(CustomSql.Columns).toEqual(DATA_SET_COLUMNS.map(({ name, type }) => ({ Name: name, Type: type })));
    expect(dataSet.ImportMode).toBe('SPICE');
    expect(JSON.stringify(one(other, 'AWS::QuickSight::DataSet'))).toContain(`interval '30' day`);
  });

  test('is replaced each day, hours after the night begins', () => {
    const schedules = [services, other].map((resources) => {
      const { Schedule, DataSetId } = one(resources, 'AWS::QuickSight::RefreshSchedule');
      expect(DataSetId).toBe(dataSet.DataSetId);
      return Schedule;
    });
    const daily = (TimeOfTheDay: string) => ({
      ScheduleId: 'after-the-night',
      RefreshType: 'FULL_REFRESH',
      ScheduleFrequency: { Interval: 'DAILY', TimeOfTheDay, TimeZone: 'UTC' },
    });
    expect(schedules).toEqual([daily('07:30'), daily('02:15')]);
  });
});

describe('the definition', () => {
  /** References to columns that are not of the data set, by its identifier and its schema. */
  function wrongColumns(of: unknown, identifier: string): string[] {
    return having(of, 'ColumnName')
      .filter(
        ({ DataSetIdentifier, ColumnName }) => DataSetIdentifier !== identifier || !(String(ColumnName) in DATA_SET),
      )
      .map((it) => JSON.stringify(it));
  }

  test('names columns of the data set only, each by the identifier it declares', () => {
    const [{ Identifier, DataSetArn }] = definition.DataSetIdentifierDeclarations as [
      Definition['DataSetIdentifierDeclarations'][number],
    ];
    expect(plain(DataSetArn, services)).toBe(dataSet.Name);
    expect(having(definition, 'ColumnName').length).toBeGreaterThan(20);
    expect(wrongColumns(definition, Identifier)).toEqual([]);
    const wrong = [
      { DataSetIdentifier: 'usage', ColumnName: 'colour' },
      { ColumnName: 'day' },
      { DataSetIdentifier: 'other', ColumnName: 'day' },
    ];
    expect(wrongColumns({ deep: [{ Column: wrong }] }, 'usage')).toHaveLength(3);
  });

  test('names every column by a field of its kind', () => {
    const kinds = {
      text: /^Categorical/,
      time: /^Date/,
      integer: /^Numerical/,
      count: /^Numerical/,
      number: /^Numerical/,
    };
    const fields = sheet.Visuals.flatMap((visual) =>
      ['Categorical', 'Date', 'Numerical'].flatMap((kind) =>
        ['DimensionField', 'MeasureField'].flatMap((use) =>
          having(visual, `${kind}${use}`).map((it) => [`${kind}${use}`, it[`${kind}${use}`] as Properties] as const),
        ),
      ),
    );
    expect(fields.length).toBeGreaterThan(20);
    for (const [kind, field] of fields) {
      const { ColumnName } = field.Column as { ColumnName: keyof typeof DATA_SET };
      expect(kind).toMatch(kinds[DATA_SET[ColumnName].type]);
    }
  });

  test('is the same for the analysis and the dashboard', () => {
    expect(analysis.Definition).toEqual(dashboard.Definition);
  });

  const visualIds = sheet.Visuals.map((visual) => Object.values(visual)[0]!.VisualId);

  test('sorts each visual by a field of its own, and no two fields have one id', () => {
    const fieldIds = sheet.Visuals.map((visual) =>
      having(visual, 'FieldId')
        .filter((it) => 'Column' in it)
        .map(({ FieldId }) => FieldId),
    );
    expect(new Set(fieldIds.flat()).size).toBe(fieldIds.flat().length);
    sheet.Visuals.forEach((visual, i) => {
      const sortedBy = having(visual, 'FieldSort').map(({ FieldSort }) => (FieldSort as Properties).FieldId);
      expect(fieldIds[i]).toEqual(expect.arrayContaining(sortedBy));
    });
  });

  test('draws three heat maps, with one field in each well, deeper for more', () => {
    const maps = sheet.Visuals.flatMap(({ HeatMapVisual }) =>
      HeatMapVisual ? [HeatMapVisual as unknown as Properties] : [],
    );
    const wells = maps.map(({ ChartConfiguration }) => {
      const { FieldWells, ColorScale } = ChartConfiguration as Record<string, Properties>;
      const { Rows, Columns, Values } = FieldWells!.HeatMapAggregatedFieldWells as Record<string, unknown[]>;
      expect([Rows, Columns, Values].map((well) => well!.length)).toEqual([1, 1, 1]);
      expect(having(Values, 'SimpleNumericalAggregation')).toEqual([{ SimpleNumericalAggregation: 'SUM' }]);
      const [light, deep] = (ColorScale!.Colors as { Color: string }[]).map(({ Color }) => lightness(Color));
      expect(ColorScale!.ColorFillType).toBe('GRADIENT');
      expect(light! - deep!).toBeGreaterThan(500);
      expect([light, deep]).toEqual([BLUES.light[0], BLUES.light.at(-1)!].map(lightness));
      return [Rows, Columns, Values].map((well) => having(well, 'ColumnName')[0]!.ColumnName).join(' × ');
    });
    expect(wells).toEqual([
      'rule_label × direction × records',
      'port × protocol × port_records',
      'day × hour × hour_requests',
    ]);
  });

  test('fills each map from the rows that have its figures', () => {
    expect(scopedTo('detail')).toEqual({
      'port-protocol': 'CONTAINS port',
      'hour-day': 'CONTAINS hour',
      'rule-direction': 'CONTAINS day',
      'rule-table': 'CONTAINS day',
    });
  });

  test('counts rules by verdicts that there are', () => {
    const scoped = scopedTo('verdict');
    expect(scoped).toEqual({
      rules: 'DOES_NOT_CONTAIN gone',
      unused: 'CONTAINS stale unattached',
      redundant: 'CONTAINS redundant',
      unknown: 'CONTAINS notObserved',
    });
    const values = Object.values(scoped).flatMap((text) => text.split(' ').slice(1));
    expect([...VERDICT_KINDS, GONE]).toEqual(expect.arrayContaining(values));
  });

  /** What filters on a column select for single visuals, by visual. */
  function scopedTo(column: string): Record<string, string> {
    return Object.fromEntries(
      definition.FilterGroups.flatMap(({ Filters, ScopeConfiguration }) => {
        const [scope] = ScopeConfiguration.SelectedSheets.SheetVisualScopingConfigurations;
        const filter = Object.values(Filters[0]!)[0]!;
        if (filter.Column.ColumnName !== column) return [];
        const [{ MatchOperator, CategoryValues } = {}] = having(filter, 'MatchOperator');
        return (scope!.VisualIds ?? []).map((id) => {
          expect(visualIds).toContain(id);
          return [id, [MatchOperator, ...(CategoryValues as string[])].join(' ')] as const;
        });
      }),
    );
  }

  test('lets a person choose period, account, group and verdict, for every visual of every sheet', () => {
    const chosen = definition.FilterGroups.filter(({ ScopeConfiguration }) =>
      definition.Sheets.every(({ SheetId }) =>
        ScopeConfiguration.SelectedSheets.SheetVisualScopingConfigurations.some(
          (scope) => scope.SheetId === SheetId && scope.Scope === 'ALL_VISUALS' && !scope.VisualIds,
        ),
      ),
    ).map(({ Status, Filters }) => [Status, Filters.length, Object.values(Filters[0]!)[0]!] as const);
    expect(chosen.map(([Status, count, { Column }]) => [Status, count, Column.ColumnName])).toEqual(
      ['day', 'account_id', 'group_label', 'verdict'].map((name) => ['ENABLED', 1, name]),
    );
    const [period, ...picked] = chosen.map(([, , filter]) => filter as unknown as Properties);
    const controls = sheet.FilterControls.map(({ Dropdown }) => Dropdown.SourceFilterId);
    expect(controls).toEqual(picked.map(({ FilterId }) => FilterId));
    const parameters = [period!.RangeMinimumValue, period!.RangeMaximumValue].map((it) => (it as Properties).Parameter);
    expect(definition.ParameterDeclarations.map((it) => it.DateTimeParameterDeclaration.Name)).toEqual(parameters);
    expect(sheet.ParameterControls.map((it) => it.DateTimePicker.SourceParameterName)).toEqual(parameters);
    // Both ends are in, and no row is without a day.
    expect(period).toMatchObject({ IncludeMinimum: true, IncludeMaximum: true, TimeGranularity: 'DAY' });
  });

  test('has a place for every visual and every control, and no two in one place', () => {
    const elements = (grids: readonly Grid[]) =>
      grids.flatMap(({ Configuration }) => Configuration.GridLayout.Elements);
    const placed = elements(sheet.Layouts);
    expect(placed.map(({ ElementId }) => ElementId)).toEqual(visualIds);
    const cells = placed.flatMap(({ ColumnIndex, RowIndex, ColumnSpan, RowSpan }) => {
      expect(ColumnIndex + ColumnSpan).toBeLessThanOrEqual(36);
      return Array.from({ length: ColumnSpan * RowSpan }, (_, i) => {
        return `${ColumnIndex + (i % ColumnSpan)} ${RowIndex + Math.floor(i / ColumnSpan)}`;
      });
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(elements(sheet.SheetControlLayouts).map(({ ElementId }) => ElementId)).toEqual([
      ...sheet.ParameterControls.map(({ DateTimePicker }) => DateTimePicker.ParameterControlId),
      ...sheet.FilterControls.map(({ Dropdown }) => Dropdown.FilterControlId),
    ]);
  });
});

/** Sum of red, green and blue: 0 to 765. */
function lightness(color: string): number {
  return [1, 3, 5].reduce((sum, at) => sum + parseInt(color.slice(at, at + 2), 16), 0);
}

describe('rights', () => {
  test('in QuickSight are the principal’s alone, and as few as it knows', () => {
    const lines = [source, dataSet, analysis, dashboard].map(({ Permissions = [] }) =>
      (Permissions as { Principal: string; Actions: string[] }[]).map(({ Principal, Actions }) => {
        expect(Principal).toBe(quicksight.principalArn);
        return Actions.map((action) => action.replace('quicksight:', '')).sort();
      }),
    );
    expect(lines).toEqual([
      [],
      [['DescribeDataSet', 'DescribeDataSetPermissions', 'DescribeIngestion', 'ListIngestions', 'PassDataSet']],
      [
        [
          'DeleteAnalysis',
          'DescribeAnalysis',
          'DescribeAnalysisPermissions',
          'QueryAnalysis',
          'RestoreAnalysis',
          'UpdateAnalysis',
          'UpdateAnalysisPermissions',
        ],
      ],
      [['DescribeDashboard', 'ListDashboardVersions', 'QueryDashboard']],
    ]);
  });

  const { WorkGroup, RoleArn } = (source.DataSourceParameters as { AthenaParameters: Properties }).AthenaParameters;

  test('of its queries are to read the export and to write their results, and nothing else', () => {
    const each = (service: string, actions: readonly string[], on: string) =>
      actions.map((action) => `allow ${service}:${action} on ${on}`);
    const athena = 'arn:aws:athena:<region>:<account>:';
    const glue = 'arn:aws:glue:<region>:<account>:';
    const data = 'arn:aws:s3:::sg-analysis-data-<account>-<region>';
    const ours = ' if aws:ResourceAccount StringEquals <account>';
    expect(grantsOf(RoleArn, services)).toEqual(
      [
        ...each(
          'athena',
          [
            ...['StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'BatchGetQueryExecution'],
            ...['GetQueryResults', 'GetQueryResultsStream', 'ListQueryExecutions', 'GetWorkGroup'],
          ],
          `${athena}workgroup/sg-analysis-quicksight`,
        ),
        ...each(
          'athena',
          ['GetDataCatalog', 'GetDatabase', 'ListDatabases', 'GetTableMetadata', 'ListTableMetadata'],
          `${athena}datacatalog/AwsDataCatalog`,
        ),
        ...each('athena', ['ListDataCatalogs', 'ListEngineVersions', 'ListWorkGroups'], '*'),
        ...['catalog', 'database/sg_analysis', 'table/sg_analysis/usage', 'table/sg_analysis/rules'].flatMap((it) =>
          each('glue', ['GetDatabase', 'GetDatabases', 'GetTable', 'GetTables', 'GetPartitions'], `${glue}${it}`),
        ),
        ...each('s3', ['GetObject'], `${data}/exports/*${ours}`),
        ...each(
          's3',
          ['PutObject', 'GetObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'],
          `${data}/query-results/quicksight/*${ours}`,
        ),
        ...each('s3', ['GetBucketLocation', 'ListBucket', 'ListBucketMultipartUploads'], data),
      ].sort(),
    );
    expect(policyLines(services[roleId(RoleArn)]!.Properties.AssumeRolePolicyDocument, services)).toEqual([
      'allow sts:AssumeRole to quicksight.amazonaws.com',
    ]);
  });

  test('end at a work group that bounds what a query reads, and keeps results where the role may write', () => {
    const { WorkGroupConfiguration } = one(services, 'AWS::Athena::WorkGroup', { Name: WorkGroup });
    const { ResultConfiguration, ...rest } = WorkGroupConfiguration as Properties;
    expect(rest).toMatchObject({ EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: 20 * 2 ** 30 });
    const { OutputLocation, EncryptionConfiguration } = ResultConfiguration as Properties;
    expect(plain(OutputLocation, services)).toBe('s3://sg-analysis-data-<account>-<region>/query-results/quicksight/');
    expect(EncryptionConfiguration).toEqual({ EncryptionOption: 'SSE_S3' });
  });

  test('are there before the connection is tried, and the data set before its schedule', () => {
    const dependsOn = (type: string) => {
      const found = Object.values(services).find(({ Type }) => Type === type);
      return (found as unknown as { DependsOn: readonly string[] }).DependsOn;
    };
    const typesOf = (ids: readonly string[]) => ids.map((id) => services[id]!.Type).sort();
    expect(typesOf(dependsOn('AWS::QuickSight::DataSource'))).toEqual([
      'AWS::Athena::WorkGroup',
      'AWS::Glue::Table',
      'AWS::Glue::Table',
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
    ]);
    expect(typesOf(dependsOn('AWS::QuickSight::RefreshSchedule'))).toEqual(['AWS::QuickSight::DataSet']);
  });
});
