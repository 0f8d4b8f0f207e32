import { Aws, Stack } from 'aws-cdk-lib/core';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnAnalysis, CfnDashboard, CfnDataSet, CfnDataSource, CfnRefreshSchedule } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import { DATA_SET_COLUMNS, dataSetSql } from '../shared/export/data-set.ts';
import { EXPORTED_TABLES } from '../shared/export/tables.ts';
import { databaseName, DATA_PREFIXES } from '../shared/names.ts';
import { deployedBucketName, dataObjects, usesKey, type Access } from './access.ts';
import type { Config } from '../shared/configuration/config.ts';
import type { ExportTables } from './export-tables.ts';
import { grantTables } from './lake-formation.ts';
import { definition } from './quicksight-dashboard.ts';
import { explainedGrant } from './service-function.ts';
import { workGroup } from './work-group.ts';

/** Below Athena's own prefix of the data bucket. */
const RESULTS = `${DATA_PREFIXES.queryResults}quicksight/`;
/** A refresh reads the window's days of the export: 90 of 2.4 MB each for 10,000 busy rules. A hundred times of that. */
const SCAN_LIMIT_BYTES = 20 * 2 ** 30;
/** From the beginning of the night to the refresh. */
const HOURS_FOR_THE_NIGHT = 4;

/**
 * As QuickSight groups them; it knows no smaller sets. The data set is read only, and so is the dashboard; the analysis
 * is for the principal to change, until a deployment puts it back. Nobody but this stack has the data source.
 * https://docs.aws.amazon.com/quicksight/latest/developerguide/dashboard-permissions.html
 */
const PERMITTED = {
  dataSet: ['DescribeDataSet', 'DescribeDataSetPermissions', 'PassDataSet', 'DescribeIngestion', 'ListIngestions'],
  dashboard: ['DescribeDashboard', 'ListDashboardVersions', 'QueryDashboard'],
  analysis: [
    'RestoreAnalysis',
    'UpdateAnalysisPermissions',
    'DeleteAnalysis',
    'DescribeAnalysisPermissions',
    'QueryAnalysis',
    'DescribeAnalysis',
    'UpdateAnalysis',
  ],
} as const;

export interface QuickSightProps {
  readonly config: Config;
  readonly principalArn: string;
  readonly tables: ExportTables;
}

/** Export → Athena → SPICE → dashboard, for one user or group of QuickSight. */
export class QuickSight extends Construct {
  constructor(scope: Construct, id: string, { config, principalArn, tables }: QuickSightProps) {
    super(scope, id);
    const { prefix } = config;
    const awsAccountId = Aws.ACCOUNT_ID;
    const permissions = (of: keyof typeof PERMITTED) => [
      { principal: principalArn, actions: PERMITTED[of].map((action) => `quicksight:${action}`) },
    ];
    const group = workGroup(this, {
      config,
      name: `${prefix}-quicksight`,
      description: 'stale-sg: QuickSight reads the export',
      scanLimitBytes: SCAN_LIMIT_BYTES,
      folder: RESULTS,
    });
    const role = this.#role(config, group.name);
    const read = { tables: Object.keys(EXPORTED_TABLES), after: tables };
    const grants = grantTables(this, { config, role, ofDatabase: ['DESCRIBE'], ...read });
    const source = new CfnDataSource(this, 'Source', {
      awsAccountId,
      dataSourceId: `${prefix}-export`,
      name: `stale-sg (${prefix})`,
      type: 'ATHENA',
      dataSourceParameters: { athenaParameters: { workGroup: group.name, roleArn: role.roleArn } },
      sslProperties: { disableSsl: false },
    });
    // QuickSight tries the connection when it is made: with all the rights that it needs.
    source.node.addDependency(group, role, tables, ...grants);
    const dataSetId = `${prefix}-usage`;
    const dataSet = new CfnDataSet(this, 'DataSet', {
      awsAccountId,
      dataSetId,
      name: `stale-sg usage (${prefix})`,
      importMode: 'SPICE',
      physicalTableMap: {
        usage: {
          customSql: {
            dataSourceArn: source.attrArn,
            name: 'usage',
            sqlQuery: dataSetSql(databaseName(prefix), config.windowDays),
            columns: DATA_SET_COLUMNS,
          },
        },
      },
      permissions: permissions('dataSet'),
    });
    new CfnRefreshSchedule(this, 'Refresh', {
      awsAccountId,
      dataSetId,
      schedule: {
        scheduleId: 'after-the-night',
        refreshType: 'FULL_REFRESH',
        scheduleFrequency: { interval: 'DAILY', timeOfTheDay: afterTheNight(config.night.at), timeZone: 'UTC' },
      },
    }).addResourceDependency(dataSet);
    const shown = { awsAccountId, name: `stale-sg (${prefix})`, definition: definition(dataSet.attrArn) };
    new CfnAnalysis(this, 'Analysis', { ...shown, analysisId: prefix, permissions: permissions('analysis') });
    new CfnDashboard(this, 'Dashboard', { ...shown, dashboardId: prefix, permissions: permissions('dashboard') });
  }

  /**
   * In place of QuickSight's own role, which would need this bucket, too, and gives it to every author of the account.
   * https://docs.aws.amazon.com/quicksight/latest/user/datasource-run-as-role.html
   */
  #role(config: Config, workGroup: string): iam.Role {
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('quicksight.amazonaws.com') });
    const accesses = [...this.#access(config.prefix, workGroup), ...usesKey(this, config)];
    for (const access of accesses) explainedGrant(role, access);
    return role;
  }

  #access(prefix: string, workGroup: string): Access[] {
    const deployed = { scope: this, prefix };
    const stack = Stack.of(this);
    const bucket = `arn:${stack.partition}:s3:::${deployedBucketName(deployed)}`;
    const athena = (resource: string, resourceName: string) =>
      stack.formatArn({ service: 'athena', resource, resourceName });
    const glue = (resource: string) => `arn:${stack.partition}:glue:${stack.region}:${Aws.ACCOUNT_ID}:${resource}`;
    const database = databaseName(prefix);
    const results = ['PutObject', 'GetObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'] as const;
    return [
      {
        actions: [
          ...['StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'BatchGetQueryExecution'],
          ...['GetQueryResults', 'GetQueryResultsStream', 'ListQueryExecutions', 'GetWorkGroup'],
        ].map((call) => `athena:${call}`),
        resources: [athena('workgroup', workGroup)],
      },
      {
        actions: ['GetDataCatalog', 'GetDatabase', 'ListDatabases', 'GetTableMetadata', 'ListTableMetadata'].map(
          (call) => `athena:${call}`,
        ),
        resources: [athena('datacatalog', 'AwsDataCatalog')],
      },
      {
        actions: ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'],
        resources: ['*'],
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
        because: 'Athena lets its lists of names be allowed for everything or not at all.',
      },
      {
        actions: ['GetDatabase', 'GetDatabases', 'GetTable', 'GetTables', 'GetPartitions'].map((it) => `glue:${it}`),
        resources: [
          glue('catalog'),
          glue(`database/${database}`),
          ...Object.keys(EXPORTED_TABLES).map((table) => glue(`table/${database}/${table}`)),
        ],
      },
      dataObjects(deployed, 'exports', 'GetObject'),
      { ...dataObjects(deployed, 'queryResults', ...results), resources: [`${bucket}/${RESULTS}*`] },
      { actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], resources: [bucket] },
    ];
  }
}

/** `HH:MM` as configured, some hours later. */
function afterTheNight(at: string): string {
  const [hour, minute] = at.split(':') as [string, string];
  return `${String((Number(hour) + HOURS_FOR_THE_NIGHT) % 24).padStart(2, '0')}:${minute}`;
}
