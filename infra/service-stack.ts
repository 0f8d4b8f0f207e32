import { Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Config } from '../shared/configuration/config.ts';
import { ArchiveFlowLogs } from './archive-flow-logs.ts';
import { CompactUsage } from './compact-usage.ts';
import { CountUsage } from './count-usage.ts';
import { ExportTables } from './export-tables.ts';
import { JudgeRules } from './judge-rules.ts';
import { NightStateMachine } from './night.ts';
import { Operations } from './operations.ts';
import { QuickSight } from './quicksight.ts';
import { RecallAccount } from './recall-account.ts';
import { SendFindings } from './send-findings.ts';
import { SendReport } from './send-report.ts';
import { SnapshotGroups } from './snapshot-groups.ts';

export interface ServiceStackProps extends StackProps {
  readonly config: Config;
}

/** What runs. It holds nothing: it can be removed and deployed again; objects that came meanwhile are the night's. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const operations = new Operations(this, 'Operations', config);
    const { reader } = new SnapshotGroups(this, 'SnapshotGroups', { config, operations });
    new CountUsage(this, 'CountUsage', { config, operations });
    new CompactUsage(this, 'CompactUsage', { config, operations });
    const { report, securityHub, webhook, flowLogs } = config;
    if (flowLogs.logGroups.length > 0) new ArchiveFlowLogs(this, 'ArchiveFlowLogs', { config, operations });
    const night = new NightStateMachine(this, 'Night', {
      config,
      operations,
      snapshotGroups: reader,
      recallAccount: new RecallAccount(this, 'RecallAccount', { config, operations }).worker,
      judgeRules: new JudgeRules(this, 'JudgeRules', { config, operations }).worker,
      sendReport: report && new SendReport(this, 'SendReport', { config, report, operations }).worker,
      sendFindings: (securityHub ?? webhook) && new SendFindings(this, 'SendFindings', { config, operations }).worker,
    });
    const tables = new ExportTables(this, 'Export', config);
    tables.node.addDependency(night.node.findChild('Database'));
    if (config.quicksight) new QuickSight(this, 'QuickSight', { config, ...config.quicksight, tables });
  }
}
