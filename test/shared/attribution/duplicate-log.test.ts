import { describe, expect, test } from '@jest/globals';
import { duplicatesAmong, rivalsOf } from '../../../shared/attribution/duplicate-log.ts';
import { emptyRecord } from '../../../shared/flowlogs/record.ts';
import type { FlowLog } from '../../../shared/inventory/inventory.ts';
import { CompiledInventory, type CompiledInterface } from '../../../shared/matching/compiled-inventory.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { toFiles } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';
import { DAY_SECONDS, dayOf } from '../../../shared/time.ts';
import { emptyLogDay } from '../../../shared/usage/log-days.ts';

const CREATED = 1_000_000;
/** The longest aggregation interval behind it. */
const START = CREATED + 600;

/** `fl-a ALL`; over the VPC of eni-a, active, made at CREATED. */
function logOf(text: string): FlowLog {
  const [flowLogId = '', type] = text.split(' ');
  const trafficType = type === 'ACCEPT' || type === 'REJECT' ? type : 'ALL';
  return { flowLogId, resourceId: 'vpc-1', trafficType, active: !text.endsWith('inactive'), createdAt: CREATED };
}

interface Case {
  readonly logs: readonly string[];
  readonly of: string | undefined;
  readonly delivered?: readonly string[];
  readonly accepted?: boolean;
  readonly start?: number;
  /** 60 seconds behind the start if not given. */
  readonly end?: number;
}

function duplicate({ logs, of, delivered = ['fl-a', 'fl-b'], accepted = true, ...times }: Case): boolean {
  const { start = START, end = start + 60 } = times;
  const heard = new Map(delivered.map((id) => [id, { ...emptyLogDay(), hours: 0xffffff }]));
  return duplicatesAmong(of, (day) => (day === dayOf(end) ? heard : new Map()))(
    { ...emptyRecord(), accepted, start, end },
    ownerWith(logs),
  );
}

function ownerWith(logs: readonly string[]): CompiledInterface {
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules: [] })));
  return new CompiledInventory({ ...inventory, flowLogs: logs.map(logOf) }).interfaceOf('eni-a')!;
}

const BOTH = ['fl-a ALL', 'fl-b ALL'];

describe('of two flow logs over one interface', () => {
  test('a record of the larger id is the duplicate', () => {
    expect(duplicate({ logs: BOTH, of: 'fl-b' })).toBe(true);
    expect(duplicate({ logs: BOTH, of: 'fl-a' })).toBe(false);
  });

  test('each is the one rival of the other', () => {
    const record = { ...emptyRecord(), accepted: true, start: START };
    expect(['fl-a', 'fl-b'].map((id) => rivalsOf(id)(record, ownerWith(BOTH)).ids)).toEqual([['fl-b'], ['fl-a']]);
  });

  test('both are to be heard on the day on which its window ends', () => {
    const midnight = Math.ceil(START / DAY_SECONDS) * DAY_SECONDS;
    expect(duplicate({ logs: BOTH, of: 'fl-b', start: midnight - 30, end: midnight + 30 })).toBe(true);
  });

  test.each<[why: string, Case]>([
    ['no file of the other one is here', { logs: BOTH, of: 'fl-b', delivered: ['fl-b'] }],
    ['the file does not say whose it is', { logs: BOTH, of: undefined }],
    ['its own flow log is none of the interface', { logs: BOTH, of: 'fl-c' }],
    ['the other one is not active', { logs: ['fl-a ALL inactive', 'fl-b ALL'], of: 'fl-b' }],
    ['the other one logs REJECT alone', { logs: ['fl-a REJECT', 'fl-b ALL'], of: 'fl-b' }],
    ['the other one logs ACCEPT alone', { logs: ['fl-a ACCEPT', 'fl-b ALL'], of: 'fl-b', accepted: false }],
    ['the first window of the other one may have been cut short', { logs: BOTH, of: 'fl-b', start: START - 1 }],
  ])('no record is one where %s', (_, one) => {
    expect(duplicate(one)).toBe(false);
  });

  test.each([
    ['ACCEPT', true],
    ['REJECT', false],
  ])('a log of %s alone tells of such a record', (type, accepted) => {
    expect(duplicate({ logs: [`fl-a ${type}`, 'fl-b ALL'], of: 'fl-b', accepted })).toBe(true);
  });
});
