import type { LogFacts } from '../../../../../services/command-line/commands/doctor/log-facts.ts';
import type { InputFacts } from '../../../../../services/command-line/commands/doctor/input-facts.ts';
import { InventoryHistory } from '../../../../../shared/history/inventory-history.ts';
import { NOTHING_REMEMBERED } from '../../../../../shared/inventory/past/past.ts';
import { dayFromIso, startOfDay, type Day } from '../../../../../shared/time.ts';
import { emptyLogDay, type LogDay } from '../../../../../shared/usage/log-days.ts';
import { awsRule, inventoryOf, type AwsLists } from '../../../../shared/inventory/aws-shorthand.ts';

/** The first day of the logs. */
export const FIRST = dayFromIso('2026-01-12')!;

/** An account in which nothing ails: one group on one interface, whose VPC is logged. */
const LISTS: AwsLists = {
  groups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1' }],
  rules: [awsRule('in tcp 443 0.0.0.0/0')],
  interfaces: [eni('eni-1')],
  flowLogs: [flowLog('fl-1')],
  vpcs: [{ VpcId: 'vpc-1', OwnerId: '111122223333', CidrBlock: '10.0.0.0/16' }],
};

export function eni(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    NetworkInterfaceId: id,
    VpcId: 'vpc-1',
    SubnetId: 'subnet-1',
    OwnerId: '111122223333',
    PrivateIpAddress: '10.0.0.1',
    Groups: [{ GroupId: 'sg-1' }],
    ...more,
  };
}

export function flowLog(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { FlowLogId: id, ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus: 'ACTIVE', ...more };
}

/** What is to be other than well. */
export interface Changes {
  readonly lists?: Partial<AwsLists>;
  readonly logs?: Partial<Omit<LogFacts, 'sample'>>;
  readonly sample?: Partial<LogFacts['sample']>;
  /** Days after {@link FIRST} on which dated snapshots were taken, at noon; none: one snapshot. */
  readonly snapshots?: readonly number[];
  readonly remembers?: boolean;
  /** Whole days of logs. */
  readonly whole?: number;
}

/** The log was heard in so many hours of the day. */
export function heard(hours: number): LogDay {
  return { ...emptyLogDay(), hours: 2 ** hours - 1 };
}

export function inputFactsOf({ lists, logs, sample, snapshots, remembers = true, whole = 90 }: Changes): InputFacts {
  const newest = inventoryOf({ ...LISTS, ...lists });
  const past = remembers ? NOTHING_REMEMBERED : undefined;
  const moments = (snapshots ?? []).map((day) => ({
    takenAt: startOfDay(FIRST + day) + 43_200,
    inventory: newest,
  }));
  const undated = past ? new InventoryHistory([{ takenAt: Infinity, inventory: newest }], past) : undefined;
  const history = snapshots ? new InventoryHistory(moments, past) : undated;
  const days = new Map<Day, Map<string, LogDay>>();
  for (let i = 0; i < whole; i++) days.set(FIRST + i, new Map([['fl-1', heard(24)]]));
  return {
    given: { newest, history, staleReferences: [] },
    folders: ['inv'],
    paths: ['logs'],
    logs: {
      files: 2160,
      bytes: 9e7,
      packedBytes: 9e7,
      notRead: [],
      unnamed: 0,
      days,
      ...logs,
      sample: {
        files: 96,
        isAll: false,
        records: 1000,
        accepted: 800,
        rejected: 100,
        malformed: 0,
        firstMalformed: '',
        unreadable: [],
        otherLogs: [],
        forms: new Map(),
        longestWindow: 60,
        putTogether: new Set(),
        lacking: new Map(),
        interfaces: new Map([['eni-1', 800]]),
        accounts: new Set(['111122223333']),
        vpcs: new Set(['vpc-1']),
        days: new Set(days.keys()),
        ...sample,
      },
    },
  };
}
