import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { SETTLED } from '../../../shared/aws/settled-days.ts';
import { evidenceFile } from '../../../shared/evidence/evidence-file.ts';
import { toldFlows } from '../../shared/evidence/told-flows.ts';
import { withContents } from '../../../shared/evidence/current-rule-ids.ts';
import type { Settled } from '../../../shared/usage/settled.ts';
import { awsRule } from '../../shared/inventory/aws-shorthand.ts';
import type { DynamoDbLocal } from '../../beds/dynamodb-local.ts';
import { DATA, DeployedAccount } from '../reconcile-usage/deployed-account.ts';
import type { Listed } from '../snapshot-groups/fake-account.ts';
import { filesOf, VISIT, type World } from './evidence-world.ts';
import { runMain, type Run } from './program.ts';
import type { Scratch } from './scratch.ts';
import { HEADER } from './small-account.ts';

export const ACCOUNT = '111122223333';
/** The last day of the report's window. Its run begins on the next day. */
export const LAST_DAY = '2026-01-10';
export const RUN = '20260111T0330Z0123456789ab';
export const REPORT = `reports/${LAST_DAY}/${RUN}/report.json.gz`;

/**
 * Ten days of `evidence-world.ts`. On `sg-a` one rule is used, `wide` and `narrow` cover each other, and so do `outer`
 * and `inner` on `sg-b`; nothing else was ever seen.
 */
const WORLD: World = {
  rules: {
    used: 'sg-a in tcp 443 0.0.0.0/0',
    ssh: 'sg-a in tcp 22 0.0.0.0/0',
    telnet: 'sg-a in tcp 23 0.0.0.0/0',
    smtp: 'sg-a in tcp 25 0.0.0.0/0',
    rdp: 'sg-a in tcp 3389 0.0.0.0/0',
    dns: 'sg-a in udp 53 10.0.0.0/8',
    ping: 'sg-a in icmp 8/-1 10.0.0.0/8',
    wide: 'sg-a in tcp 8000-9000 10.0.0.0/8',
    narrow: 'sg-a in tcp 8443 10.0.0.0/16',
    outer: 'sg-b in tcp 5432 10.0.0.0/8',
    inner: 'sg-b in tcp 5432 10.0.5.0/24',
  },
  flowLogs: ['fl-0a vpc-1 ALL'],
  logs: {
    'fl-0a': [
      VISIT,
      '3x eni-1 10.0.5.5:50000 > 10.0.0.10:8443 6',
      '2x eni-2 10.0.5.5:50000 > 10.0.1.10:5432 6',
      'eni-1 10.0.0.10:443 > 203.0.113.5:50000 6',
    ],
  },
};

type Raw = Record<string, unknown>;

/** What AWS would list, and rules in other words. */
export function listed(change: (rules: Raw[]) => Raw[] = (rules) => rules): Listed {
  const files = filesOf(WORLD) as Record<string, Record<string, Raw[]>>;
  const list = (name: string, member: string): Raw[] => files[`inventory/${name}.json`]![member]!;
  return {
    groups: list('security-groups', 'SecurityGroups'),
    rules: change(list('security-group-rules', 'SecurityGroupRules')),
    interfaces: list('network-interfaces', 'NetworkInterfaces'),
    flowLogs: list('flow-logs', 'FlowLogs'),
  };
}

/** The rules, but for those named: they read as these shorthands of `awsRule` say, have these tags, or are gone. */
export function changed(changes: Readonly<Record<string, string | Raw[] | undefined>>): (rules: Raw[]) => Raw[] {
  return (rules) =>
    rules.flatMap((rule): Raw[] => {
      const name = String(rule.SecurityGroupRuleId).slice('sgr-'.length);
      if (!(name in changes)) return [rule];
      const change = changes[name];
      if (change === undefined) return [];
      if (typeof change !== 'string') return [{ ...rule, Tags: change }];
      const { SecurityGroupRuleId, GroupId } = rule;
      return [awsRule(change, { SecurityGroupRuleId, GroupId, GroupOwnerId: ACCOUNT })];
    });
}

/** The account of `WORLD` deployed: counted as it came, all its days settled, judged. On disk there is the same. */
export class DeployedReport {
  readonly account: DeployedAccount;
  readonly prefix: string;
  readonly #folder: Scratch;
  readonly #before = { ...process.env };

  private constructor(account: DeployedAccount, prefix: string, folder: Scratch) {
    Object.assign(process.env, account.environment);
    this.account = account;
    this.prefix = prefix;
    this.#folder = folder;
  }

  static async start(prefix: string, dynamo: DynamoDbLocal, folder: Scratch): Promise<DeployedReport> {
    const account = await DeployedAccount.empty(prefix, dynamo);
    return new DeployedReport(account, prefix, folder);
  }

  async stop(): Promise<void> {
    process.env = this.#before;
    await this.account.stop();
  }

  /** Calls a command of the program for this deployment. */
  run(command: string, ...args: string[]): Promise<Run> {
    return runMain([command, '--tables', this.prefix, '--data-bucket', DATA, ...args]);
  }

  async fill(world = WORLD): Promise<void> {
    const folder = this.#folder;
    const files = filesOf(world);
    await folder.write(files);
    const run = await runMain([
      ...['analyze', '--inventory', folder.path('inventory'), '--logs', folder.path('logs')],
      ...['--out', folder.path('out'), '--as-of', '2026-01-11T00:00:00Z', '--rules-known-since', '2025-01-01'],
    ]);
    if (run.status !== 0) throw new Error(run.stderr);
    await this.account.publish(listed(), '2025-12-31T12:00:00Z');
    const logs = Object.entries(files).filter(([name, text]) => name.startsWith('logs/') && text !== undefined);
    await this.account.countTexts(new Map(logs as [string, string][]));
    await this.#settle();
    await this.put(REPORT, gzipSync(await folder.read('out/usage.json')));
  }

  /** Each day by a run that has seen what `analyze` has. */
  async #settle(): Promise<void> {
    const { days } = JSON.parse(await this.#folder.read('out/evidence/manifest.json')) as {
      days: Record<string, string[]>;
    };
    for (const [day, parts] of Object.entries(days)) {
      const evidence: string[] = [];
      for (const part of parts) {
        const key = `evidence/day=${day}/run=1/${part}`;
        await this.put(key, readFileSync(this.#folder.path(`out/evidence/day=${day}/${part}`)));
        evidence.push(key);
      }
      await this.#noteSettled(day, evidence);
    }
  }

  /** Settles a day of which nothing was streamed: one request, which the rules of these ids admitted. */
  async settle(day: string, ruleIds: readonly string[]): Promise<void> {
    const { rules } = await readInventory(this.#folder.path('inventory'));
    const last = Date.parse(day) / 1000 + 3600;
    const sums = { requests: 1, replies: 0, inferred: 1, packets: 5, bytes: 500, first: last - 60, last };
    const nameOf = withContents(rules);
    const flow = {
      interfaceId: 'eni-1',
      direction: 'ingress' as const,
      protocol: 6,
      peer: '10.9.9.9',
      port: 9000,
      ruleIds: ruleIds.map(nameOf),
      possibleRuleIds: [],
      unclearRuleIds: [],
      untrackedRuleIds: [],
      ...sums,
    };
    const key = `evidence/day=${day}/run=2/part-0.parquet`;
    await this.put(key, evidenceFile(toldFlows([flow]).groups()));
    await this.#noteSettled(day, [key]);
  }

  async #noteSettled(day: string, evidence: readonly string[]): Promise<void> {
    const figures: Settled = {
      run: '1',
      records: 0,
      streamedRecords: 0,
      driftShare: 0,
      driftingRules: 0,
      evidence,
      replaced: [],
    };
    const Item = { id: { S: SETTLED }, at: { S: day }, figures: { S: JSON.stringify(figures) } };
    await this.account.dynamo.send(new PutItemCommand({ TableName: this.account.tables.state, Item }));
  }

  /** Into the data bucket. */
  async put(Key: string, Body: Uint8Array): Promise<void> {
    await this.account.s3.send(new PutObjectCommand({ Bucket: DATA, Key, Body }));
  }

  /** Counts a request to port `port` of 10.0.0.10 as it comes: a second before the end of the day of January 2026. */
  async stream(day: number, source: string, port: number): Promise<void> {
    const date = `202601${String(day).padStart(2, '0')}`;
    const end = Date.UTC(2026, 0, day + 1) / 1000 - 1;
    const line = `2 ${ACCOUNT} eni-1 ${source} 10.0.0.10 50001 ${port} 6 5 500 ${end - 60} ${end} ACCEPT OK`;
    const name = `${ACCOUNT}_vpcflowlogs_eu-central-1_fl-0a_${date}T2359Z_late${port}.log`;
    await this.account.countTexts(new Map([[name, `${HEADER}\n${line}\n`]]));
  }
}
