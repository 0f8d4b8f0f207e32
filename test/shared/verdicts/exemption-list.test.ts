import { describe, expect, test } from '@jest/globals';
import { readExemptions } from '../../../shared/verdicts/exemption-list.ts';
import { exemptionProblems, exemptionsByRule } from '../../../shared/verdicts/exemption.ts';
import { judge } from '../../../shared/verdicts/judge.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';

const HEADER = 'rule_id,reason,owner,expires';
const ONE = { target: { kind: 'rule_id', value: 'sgr-1' }, reason: 'audit', owner: 'jane', expires: '2026-01-31' };

describe('a list of exemptions', () => {
  test.each<[why: string, text: string]>([
    ['CSV', `${HEADER}\nsgr-1,audit,jane,2026-01-31\n`],
    [
      'columns in another order, and more of them',
      'ticket,expires,owner,reason,rule_id\n7,2026-01-31,jane,audit,sgr-1',
    ],
    ['as spreadsheets write it', `\ufeff${HEADER}\r\nsgr-1, audit ,jane,2026-01-31\r\n\r\n`],
    ['JSON', '[{ "rule_id": "sgr-1", "reason": "audit", "owner": "jane", "expires": "2026-01-31", "ticket": 7 }]'],
  ])('%s', (_why, text) => {
    expect(readExemptions(text, 'list')).toEqual([{ ...ONE, where: expect.stringMatching(/^list[:,]/) as unknown }]);
  });

  test('may be empty', () => {
    expect(readExemptions(`${HEADER}\n`, 'list.csv')).toEqual([]);
    expect(readExemptions('[]', 'list.json')).toEqual([]);
  });

  test('texts keep commas, quotes and lines; the line told is the last of the entry', () => {
    const [one] = readExemptions(`${HEADER}\nsgr-1,"a ""big"", old\ndebt",jane,2026-01-31`, 'list.csv');
    expect([one!.reason, one!.where]).toEqual(['a "big", old\ndebt', 'list.csv:3']);
  });

  test.each<[message: string, text: string]>([
    ['list:1: no column "owner"', 'rule_id,reason,expires\nsgr-1,audit,2026-01-31'],
    ['list:1: no column "rule_id"', ''],
    ['list:2, owner: missing; an exemption needs reason, owner, expires', `${HEADER}\nsgr-1,audit,,2026-01-31`],
    ['list:3, reason: missing', `${HEADER}\nsgr-1,audit,jane,2026-01-31\nsgr-2, ,jane,2026-01-31`],
    ['list:2, expires: missing', `${HEADER}\nsgr-1,audit,jane,`],
    ['list:2, expires: never is not a day such as 2026-01-31', `${HEADER}\nsgr-1,audit,jane,never`],
    ['list:2, expires: 2026-02-29 is not a day', `${HEADER}\nsgr-1,audit,jane,2026-02-29`],
    ['list:2, expires: 31.01.2026 is not a day', `${HEADER}\nsgr-1,audit,jane,31.01.2026`],
    ['list:3, rule_id: sgr-1 is in the list already (list:2)', `${HEADER}\nsgr-1,a,b,2026-01-31\nsgr-1,a,b,2026-01-31`],
    ['list:3: Invalid Record Length: expect 4, got 3', `${HEADER}\nsgr-1,a,b,2026-01-31\nsgr-2,a,b`],
    [
      'list, entry 2, owner: missing',
      '[{"rule_id":"a","reason":"b","owner":"c","expires":"2026-01-31"},{"rule_id":"d","reason":"e"}]',
    ],
    ['list, entry 1, rule_id: 7 is not text', '[{"rule_id":7}]'],
    [
      'list:2: says of no rule that it is kept; fill one of rule_id, group_id, cidr, tag, group_name',
      `${HEADER}\n,a,b,2026-01-31`,
    ],
    ['list:2: both rule_id and tag; an exemption has one of them', `tag,${HEADER}\nx,sgr-1,a,b,2026-01-31`],
    [
      'list:2, cidr: 10.0.0.0/33 is not a block such as 10.0.0.0/8',
      'cidr,reason,owner,expires\n10.0.0.0/33,a,b,2026-01-31',
    ],
    ['list, entry 1: not an object', '["sgr-1"]'],
    ['list: not a list of exemptions', '{"rule_id":"a"}'],
    ['list: Expected', '[{rule_id:'],
  ])('%s', (message, text) => {
    expect(() => readExemptions(text, 'list')).toThrow(message);
  });
});

describe('at work', () => {
  const inventory = inventoryOf({
    rules: [
      awsRule('in tcp 22 10.0.0.0/8', { SecurityGroupRuleId: 'sgr-1' }),
      awsRule('in tcp 23 10.0.0.0/8', {
        SecurityGroupRuleId: 'sgr-2',
        Tags: [{ Key: 'stale-sg:keep', Value: 'tagged' }],
      }),
    ],
  });
  const LAST_SECOND = Date.parse('2026-01-31T23:59:59Z') / 1000;
  const listed = readExemptions(
    `${HEADER}\nsgr-1,audit,jane,2026-01-31\nsgr-2,listed,bob,2026-01-31\nsgr-gone,x,bob,2030-01-01`,
    'list',
  );
  const verdicts = (asOf: number): unknown[] => {
    const exemptions = exemptionsByRule(listed, inventory, asOf);
    const options = { asOf, windowDays: 5, rulesKnownSince: undefined, exemptions };
    return judge(inventory, emptyUsage(), options).map(({ verdict }) => verdict);
  };

  test('it holds on its last day, names the owner, and comes before the tag', () => {
    expect(verdicts(LAST_SECOND)).toEqual([
      { kind: 'exempt', reason: 'audit', owner: 'jane', until: '2026-01-31' },
      { kind: 'exempt', reason: 'listed', owner: 'bob', until: '2026-01-31' },
    ]);
    expect(exemptionProblems(listed, inventory, LAST_SECOND)).toEqual([
      'list:4: exemption of sgr-gone, which is not a rule of the inventory',
    ]);
  });

  test('a second later it is a problem and exempts from nothing; a tag still does', () => {
    expect(verdicts(LAST_SECOND + 1)).toEqual([
      expect.objectContaining({ kind: 'notObserved' }),
      { kind: 'exempt', reason: 'tagged', owner: null, until: null },
    ]);
    expect(exemptionProblems(listed, inventory, LAST_SECOND + 1)).toEqual([
      'list:2: exemption of sgr-1 expired on 2026-01-31: ask jane',
      'list:3: exemption of sgr-2 expired on 2026-01-31: ask bob',
      'list:4: exemption of sgr-gone, which is not a rule of the inventory',
    ]);
  });
});

describe('what an exemption keeps', () => {
  const named = (id: string, more: object = {}) =>
    awsRule('in tcp 22 10.9.0.0/16', { SecurityGroupRuleId: id, ...more });
  const inventory = inventoryOf({
    groups: [
      { GroupId: 'sg-1', GroupName: 'web' },
      { GroupId: 'sg-2', GroupName: 'web-old', Tags: [{ Key: 'team', Value: 'shop' }] },
      { GroupId: 'sg-3', GroupName: 'db', Tags: [{ Key: 'stale-sg:keep', Value: 'audit until 2026-01-31' }] },
    ],
    rules: [
      named('sgr-1'),
      awsRule('in tcp 22 10.8.0.0/16', { SecurityGroupRuleId: 'sgr-2', Tags: [{ Key: 'env', Value: 'prod' }] }),
      named('sgr-3', { GroupId: 'sg-2' }),
      awsRule('in tcp 22 ::/0', { SecurityGroupRuleId: 'sgr-4', GroupId: 'sg-2' }),
      awsRule('in tcp 22 sg-1', { SecurityGroupRuleId: 'sgr-5', GroupId: 'sg-3' }),
    ],
  });
  const AS_OF = Date.parse('2026-01-15T00:00:00Z') / 1000;
  const kept = (...lines: string[]): string[] => {
    const listed = readExemptions(
      `rule_id,group_id,cidr,tag,group_name,reason,owner,expires\n${lines.join('\n')}\n`,
      'list',
    );
    return [...exemptionsByRule(listed, inventory, AS_OF)].map(([id, { reason }]) => `${id} ${reason}`).sort();
  };

  test.each<[line: string, rules: string[]]>([
    ['sgr-1,,,,,a,b,2026-01-31', ['sgr-1 a']],
    [',sg-2,,,,a,b,2026-01-31', ['sgr-3 a', 'sgr-4 a']],
    [',,10.9.0.0/16,,,a,b,2026-01-31', ['sgr-1 a', 'sgr-3 a']],
    [',,10.0.0.0/8,,,a,b,2026-01-31', ['sgr-1 a', 'sgr-2 a', 'sgr-3 a']],
    [',,10.9.1.0/24,,,a,b,2026-01-31', []],
    [',,::/0,,,a,b,2026-01-31', ['sgr-4 a']],
    [',,,team,,a,b,2026-01-31', ['sgr-3 a', 'sgr-4 a']],
    [',,,env=pr*,,a,b,2026-01-31', ['sgr-2 a']],
    [',,,,web*,a,b,2026-01-31', ['sgr-1 a', 'sgr-2 a', 'sgr-3 a', 'sgr-4 a']],
    [',,,,web,a,b,2026-01-31', ['sgr-1 a', 'sgr-2 a']],
    [',,,,web,a,b,2026-01-14', []],
  ])('%s', (line, rules) => {
    expect(kept(line)).toEqual(rules);
  });

  test('the one that names the rule speaks of it, else the one that ends last; not one that is over', () => {
    const [wide, late, own] = [
      ',,,,web*,wide,b,2026-01-31',
      ',,10.9.0.0/16,,,late,b,2026-02-28',
      'sgr-1,,,,,own,b,2026-01-20',
    ];
    expect(kept(wide, late, own).slice(0, 3)).toEqual(['sgr-1 own', 'sgr-2 wide', 'sgr-3 late']);
    expect(kept(wide, own.replace('01-20', '01-10'))[0]).toBe('sgr-1 wide');
  });

  test('one that fits no rule is told', () => {
    const listed = readExemptions('tag,reason,owner,expires\nx*,a,b,2026-01-31\n', 'list');
    expect(exemptionProblems(listed, inventory, AS_OF)).toEqual([
      'list:2: exemption of "x*", which fits no rule of the inventory',
    ]);
  });

  test('a tag of the group keeps all of its rules', () => {
    const options = { asOf: AS_OF, windowDays: 5, rulesKnownSince: undefined };
    const [, , , , last] = judge(inventory, emptyUsage(), options);
    expect(last!.verdict).toEqual({ kind: 'exempt', reason: 'audit', owner: null, until: '2026-01-31' });
  });
});
