import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { toolsOf, type Tools } from '../../shared/aws/observed.ts';
import { staleReferences } from '../../shared/inventory/stale-references.ts';
import { dayFacts } from '../../shared/aws/day-inventory.ts';
import { DataBucket } from '../../shared/aws/data-bucket.ts';
import { lastUses } from '../../shared/aws/last-uses.ts';
import { settledEvidence } from '../../shared/aws/settled-evidence.ts';
import { RecalledAccount } from '../../shared/aws/recalled-account.ts';
import { withOwnAccounts } from '../../shared/inventory/accounts.ts';
import { SnapshotArchive } from '../../shared/aws/snapshot-archive.ts';
import { SnapshotIndex } from '../../shared/aws/snapshot-index.ts';
import { RULES_EXPORT_KEY } from '../../shared/export/tables.ts';
import { tableNames } from '../../shared/names.ts';
import { VERDICT_KINDS } from '../../shared/verdicts/verdict.ts';
import { CountedDays } from './counted-days-adapter.ts';
import { readEnvironment } from './environment.ts';
import { deployedExemptions } from './exemptions.ts';
import { judgeNight, type JudgedFigures, type JudgePorts } from './judge-night.ts';

/** What is kept for working out the report and writing it once the evidence is read. */
const RESERVE_MS = 5 * 60_000;

/** Everything is made once for all invocations of the process. */
export function wire(variables: NodeJS.ProcessEnv) {
  const environment = readEnvironment(variables);
  const { tablePrefix, dataBucket, accountId, region } = environment;
  const tools = toolsOf('judge-rules', tablePrefix);
  const { tracer } = tools;
  const client = tracer.captureAWSv3Client(new DynamoDBClient());
  const bucket = new DataBucket(tracer.captureAWSv3Client(new S3Client()), dataBucket);
  const tables = tableNames(tablePrefix);
  const index = new SnapshotIndex(client, tables.state);
  const archive = new SnapshotArchive(index, bucket);
  const account = new RecalledAccount(client, tables.state, bucket);

  const ports = (remainingMs: () => number): JudgePorts => ({
    settings: {
      place: { accountId, region },
      windowDays: environment.windowDays,
      retentionDays: environment.retentionDays,
      rulesKnownSince: environment.rulesKnownSince,
      ownerTag: environment.ownerTag,
    },
    newest: async () => {
      const newest = await index.newest();
      if (!newest) throw new Error('no snapshot of the account was ever taken: run snapshot-groups once');
      const { inventory, accountId, staleGroups } = await archive.read(newest);
      return {
        inventory: withOwnAccounts(inventory, undefined, accountId),
        staleReferences: staleReferences(staleGroups),
      };
    },
    days: (first, last) => new CountedDays({ client, tables, bucket, index, archive, account }).between(first, last),
    standingAt: async (day) => {
      const { references, ...basis } = await index.inForce(day);
      const observations = { of: () => Promise.resolve([]) };
      // How old things are, snapshots tell by themselves.
      return dayFacts({ day, ...basis }, references.slice(0, 1), { archive, observations, recalled: undefined });
    },
    recalled: () => account.newest(),
    lastUses: (rules) => lastUses({ client, tables, bucket }, rules),
    exemptions: () => deployedExemptions(bucket, environment.exemptions),
    evidence: settledEvidence(client, bucket, { state: tables.state, name: dataBucket }),
    timeLeft: () => remainingMs() - RESERVE_MS,
    writeReport: (key, text) => bucket.putGz(key, text, 'application/gzip'),
    writeRulesExport: (bytes) => bucket.put(RULES_EXPORT_KEY, bytes, 'application/vnd.apache.parquet'),
    report: (figures) => report(figures, tools),
  });
  const judge = (event: unknown, remainingMs: () => number) => judgeNight(event, ports(remainingMs));
  return { judge, tools };
}

function report(
  { report: { rules, windowDays }, evidenceProblem, ...days }: JudgedFigures,
  { logger, metrics }: Tools,
) {
  const counts = Map.groupBy(rules, ({ verdict }) => verdict.kind);
  const verdicts = Object.fromEntries(VERDICT_KINDS.map((kind) => [kind, counts.get(kind)?.length ?? 0]));
  logger.info('judged', { rules: rules.length, windowDays, ...verdicts, ...days });
  if (evidenceProblem !== undefined) logger.warn('evidence', { evidenceProblem });
  metrics.addMetric('RulesJudged', 'Count', rules.length);
  metrics.addMetric('StaleRules', 'Count', counts.get('stale')?.length ?? 0);
}
