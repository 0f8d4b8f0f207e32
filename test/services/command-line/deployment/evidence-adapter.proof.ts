// Costs about 40 seconds.
import { keepEvidence } from '../evidence/keep-evidence.ts';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDeployment } from '../../../../services/command-line/deployment/evidence-adapter.ts';
import { openEvidenceFolder } from '../../../../services/command-line/evidence/evidence-folder.ts';
import { EvidenceWriter } from '../../../../services/command-line/evidence/evidence-writer.ts';
import { findLogFiles } from '../../../../services/command-line/files/find-log-files.ts';
import { reconcile } from '../../../../services/command-line/commands/reconcile/reconcile.ts';
import { wire } from '../../../../services/reconcile-usage/wiring-adapter.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import type { EvidenceSource } from '../../../../shared/evidence/evidence-source.ts';
import { dataBucketName } from '../../../../shared/names.ts';
import { describeWithDynamoDb } from '../../../beds/describe-with-dynamodb.ts';
import { account, type Account } from '../../../world/account.ts';
import { withOwnEvidence } from '../../../world/own-evidence.ts';
import { removeScratchFolders } from '../../generate-account/generated.ts';
import { DeployedAccount } from '../../reconcile-usage/deployed-account.ts';
import { runMain } from '../program.ts';

jest.setTimeout(180_000);
afterAll(removeScratchFolders);

const DAY = '2026-01-05';
const PREFIX = 'evidence-bed';

/** Flows of all days, in one order. */
async function flowsOf(source: EvidenceSource): Promise<string[]> {
  const found: string[] = [];
  for (const day of await source.days()) {
    for await (const flow of source.flows(day)) found.push(JSON.stringify(flow));
  }
  return found.sort();
}

describeWithDynamoDb('the evidence of a deployment', (dynamo) => {
  const before = { ...process.env };
  let made: Account;
  let logs: string;
  let deployed: DeployedAccount;
  let perform: ReturnType<typeof wire>['perform'];

  beforeAll(async () => {
    made = await account({ records: 1500, minutes: 60, format: 'v5', seed: 9 });
    deployed = await DeployedAccount.start(PREFIX, dynamo(), made.out);
    const quiet = {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      POWERTOOLS_TRACE_ENABLED: 'false',
    };
    Object.assign(process.env, deployed.environment, quiet);
    ({ perform } = wire(process.env));
    logs = await withOwnEvidence(join(made.out, 'logs'), join(made.out, 'own-evidence'), made.inventory);
    await deployed.deliver(logs);
  });
  afterAll(async () => {
    process.env = before;
    await deployed.stop();
  });

  async function query(QueryString: string): Promise<string> {
    const { athena, workGroup: WorkGroup } = deployed;
    const { QueryExecutionId } = await athena.send(new StartQueryExecutionCommand({ QueryString, WorkGroup }));
    for (;;) {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason } = QueryExecution!.Status!;
      if (State === 'SUCCEEDED') return QueryExecutionId!;
      if (State === 'FAILED') throw new Error(StateChangeReason);
      await sleep(50);
    }
  }

  /** The steps of a night up to its last. */
  async function night(execution: string): Promise<() => Promise<unknown>> {
    const input = { step: 'days', input: { from: DAY, to: DAY }, startedAt: '2026-01-06T03:30:00Z', execution };
    const run = { day: DAY, run: ((await perform(input)) as { run: string }).run };
    const plan = (await perform({ step: 'plan', ...run })) as {
      queries: { createTable: string; unload: string }[];
      parts: number[];
    };
    const queries: string[] = [];
    for (const { createTable, unload } of plan.queries) {
      await query(createTable);
      queries.push(await query(unload));
    }
    const parts: unknown[] = [];
    for (const part of plan.parts) parts.push(await perform({ step: 'attribute', ...run, part, queries }));
    return () => perform({ step: 'settle', ...run, nightly: true, parts });
  }

  const open = () => openDeployment({ tables: PREFIX, region: 'eu-west-1', dataBucket: 'data' });

  test('is none before a night has settled; a run that did not settle does not count', async () => {
    await night('unsettled');
    const { source, close } = await open();
    expect(await source.days()).toEqual([]);
    close();
  });

  test('is that of the settled run alone, and the same as is kept on one machine', async () => {
    await (
      await night('first')
    )();
    await (
      await night('second')
    )();
    await night('unsettled too');
    const { source, inventory, close } = await open();
    const writer = new EvidenceWriter(join(made.out, 'evidence'), made.inventory.rules);
    await keepEvidence(writer, (await findLogFiles([logs])).files, made.inventory);
    const [cloud, local] = [await flowsOf(source), await flowsOf(await openEvidenceFolder(made.out))];
    expect(local.length).toBeGreaterThan(200);
    expect(cloud).toEqual(local);
    const out = join(made.out, 'night');
    await reconcile({ inventory: [join(made.out, 'inventory')], logs: [logs], day: Date.parse(DAY) / 86_400_000, out });
    expect(await flowsOf(await openEvidenceFolder(out))).toEqual(local);
    expect((await inventory()).rules).toEqual(made.inventory.rules);
    close();
  });

  test('simulate reads it, with the rules of the newest snapshot', async () => {
    const { rules } = made.inventory;
    const args = ['--tables', PREFIX, '--data-bucket', 'data', '--region', 'eu-west-1', '--json'];
    const run = await runMain(['simulate', '--remove', rules.map(({ ruleId }) => ruleId).join(','), ...args]);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { lost, daysOfEvidence } = JSON.parse(run.stdout) as { lost: { flows: number }; daysOfEvidence: number };
    const { source, close } = await open();
    let admitted = 0;
    for (const line of await flowsOf(source)) if ((JSON.parse(line) as ServiceFlow).ruleIds.length > 0) admitted++;
    close();
    expect([daysOfEvidence, lost.flows]).toEqual([1, admitted]);
    expect(admitted).toBeGreaterThan(200);
  });

  test('finds its bucket by what the rules tell of the account', async () => {
    await dynamo().createTables('empty-bed');
    await expect(openDeployment({ tables: 'empty-bed' })).rejects.toThrow('holds no rule yet; give --data-bucket');
    await expect(openDeployment({ tables: 'nowhere' })).rejects.toThrow('is stale-sg deployed here?');
    const { source, close } = await openDeployment({ tables: PREFIX });
    const [day] = await source.days();
    const reading = source.flows(day!)[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toThrow(`s3://${dataBucketName(PREFIX, '111122223333', 'eu-west-1')}/evidence/day=`);
    close();
  });
});
