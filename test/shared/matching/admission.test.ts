import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { Asked } from './asked.ts';

const ids = (rules: readonly Rule[]): string => rules.map(({ ruleId }) => ruleId).join(' ');

describe('the rules that admit a service flow', () => {
  test.each<[flow: string, admitting: string, why: string]>([
    ['in tcp 10.9.9.9 22', 'r1', 'peer, protocol and port fit'],
    ['in tcp 10.9.9.9 21', '', 'the port below the range'],
    ['in tcp 10.9.9.9 25', 'r1', 'the last port of the range'],
    ['in tcp 10.9.9.9 26', '', 'the port behind it'],
    ['in udp 10.9.9.9 22', '', 'another protocol'],
    ['in tcp 10.10.0.0 22', '', 'the first address behind the block'],
    ['out tcp 10.9.9.9 22', 'r2', 'the other direction has rules of its own'],
    ['out tcp 10.9.9.9 443', 'r2', 'a rule for all protocols has no ports'],
    ['out tcp 2001:db8::9 443', '', 'a block of one family holds no address of the other'],
    ['in tcp 10.0.0.20 5432', 'r3', 'an interface of the group that the rule names'],
    ['in tcp 10.0.0.99 5432', '', 'an interface of another group'],
  ])('%s: %s (%s)', (flow, admitting) => {
    const rules = ['r1 sg-web in tcp 22-25 10.9.0.0/16', 'r2 sg-web out -1 0.0.0.0/0', 'r3 sg-web in tcp 5432 sg-db'];
    expect(ids(new Asked({ rules }).admission(flow).admitting)).toBe(admitting);
  });

  test.each(['in bogus 10.0.0.0/8', 'in tcp 22-65536 10.0.0.0/8', 'in tcp 22 10.0.0.0/8 ::/0'])(
    'are none that AWS could not have meant: %s',
    (rule) => {
      const { admitting, could } = new Asked({ rules: [`r1 sg-web ${rule}`] }).admission('in tcp 10.9.9.9 22');
      expect([admitting, could]).toEqual([[], []]);
    },
  );

  test('come by their ids, whatever the order of the inventory; a group that the interface lacks has no say', () => {
    const rules = ['r2 sg-web in tcp 22 10.0.0.0/8', 'r9 sg-db in tcp 22 0.0.0.0/0', 'r1 sg-web in tcp 22 0.0.0.0/0'];
    expect(ids(new Asked({ rules }).admission('in tcp 10.9.9.9 22').admitting)).toBe('r1 r2');
  });
});

describe('the primary one of them', () => {
  test.each<[primary: string, rules: string[], why: string]>([
    ['r2', ['r1 sg-web in tcp 22 0.0.0.0/0', 'r2 sg-web in -1 10.9.0.0/16'], 'has the longest prefix'],
    ['r2', ['r1 sg-web in tcp 0-65535 10.0.0.0/8', 'r2 sg-web in tcp 22 10.0.0.0/8'], 'has the fewest ports'],
    ['r2', ['r1 sg-web in -1 10.0.0.0/8', 'r2 sg-web in tcp 0-65535 10.0.0.0/8'], 'names the protocol'],
    ['r1', ['r2 sg-web in tcp 22 10.0.0.0/8', 'r1 sg-web in tcp 22 10.0.0.0/8'], 'has the smallest id'],
  ])('%s of %j %s', (primary, rules) => {
    expect(new Asked({ rules }).admission('in tcp 10.9.9.9 22').primary?.ruleId).toBe(primary);
  });

  test('is none where none admits', () => {
    expect(new Asked({ rules: [] }).admission('in tcp 10.9.9.9 22')).toMatchObject({
      primary: undefined,
      specificity: Infinity,
    });
  });
});

test('who has the address is asked of the time of the record, whatever was asked before', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 22 sg-db'] }, { 'eni-b': 1000 });
  const at = (time: number) => ids(asked.admission('in tcp 10.0.0.20 22', time).admitting);
  expect([999, 2000, 999, 1000].map(at)).toEqual(['', 'r1', '', 'r1']);
});

describe('replies pass by a rule of the other direction', () => {
  const open = ['r1 sg-web in tcp 80 0.0.0.0/0', 'r2 sg-web out -1 0.0.0.0/0'];
  test.each<[untrackedBy: string, flow: string, rules: string[], why: string]>([
    ['r2', 'in tcp 203.0.113.9 80', open, 'both are open to all addresses'],
    ['', 'in tcp 203.0.113.9 80', ['r1 sg-web in tcp 80 203.0.113.0/24', open[1]!], 'the admitting one is not'],
    ['', 'in tcp 203.0.113.9 80', [open[0]!, 'r2 sg-web out tcp 443 0.0.0.0/0'], 'the other one is not for all ports'],
    ['', 'in icmp 203.0.113.9', ['r1 sg-web in icmp 0.0.0.0/0', open[1]!], 'ICMP is always tracked'],
  ])('%s: %s, %j (%s)', (untrackedBy, flow, rules) => {
    expect(ids(new Asked({ rules }).admission(flow).untrackedBy)).toBe(untrackedBy);
  });
});

test('flows that no rule tells apart share one answer', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 20-29 10.0.0.0/8', 'r2 sg-web in tcp 25 10.9.0.0/16'] });
  const answer = asked.admission('in tcp 10.1.1.1 20');
  expect(asked.admission('in tcp 10.200.1.1 29')).toBe(answer);
  expect(asked.admission('in tcp 10.9.1.1 24')).toBe(answer);
  expect(ids(asked.admission('in tcp 10.9.1.1 25').admitting)).toBe('r1 r2');
});

test('a port that the night leaves out is answered as 0, and spoils no answer for others', () => {
  const asked = new Asked({ rules: ['r1 sg-web in tcp 0-65535 10.9.0.0/16'] });
  const ids = (flow: string): string[] => asked.admission(flow).admitting.map(({ ruleId }) => ruleId);
  expect(['-1', '20', '-1'].map((port) => ids(`in tcp 10.9.9.9 ${port}`))).toEqual([['r1'], ['r1'], ['r1']]);
});
