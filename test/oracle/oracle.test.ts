import { describe, expect, test } from '@jest/globals';
import { formatIp, formatIpLong, parseBlock, parseIp, contains, firstOf, lastOf } from './addresses.ts';
import { explainRecord, oracleUsage } from './oracle.ts';
import { expectedFigures, figuresOf, inventoryOf, reasonsOf } from './row.ts';
import { ROWS } from './rows.ts';
import { ACCOUNT, recordOf } from './shorthand.ts';

describe.each(Object.entries(ROWS))('%s', (_, rows) => {
  test.each(rows.map((row) => [row.why, row] as const))('%s', (_why, row) => {
    const inventory = inventoryOf(row);
    const record = recordOf(row.record);
    const { fate, explanation } = explainRecord(inventory, record);

    const said = explanation === undefined ? fate : `${fate} ${explanation.hypothesis} ${explanation.decision}`;
    expect(said).toBe(row.says);
    if (row.peer !== undefined) expect(explanation?.peer).toBe(row.peer);
    const reasons = (explanation?.possible ?? []).map(({ because, rule }) => [rule, because] as const);
    expect(Object.fromEntries(reasons)).toEqual(reasonsOf(row));
    expect(figuresOf(oracleUsage(inventory, [record]))).toEqual(expectedFigures(row));
  });
});

test('there are at least forty hand-worked rows', () => {
  expect(Object.values(ROWS).flat().length).toBeGreaterThanOrEqual(40);
});

test('public addresses make neither a direction nor a member', () => {
  const inventory = inventoryOf({ rules: ['r1 sg-web in tcp 22 sg-db'] });
  for (const at of inventory.networkInterfaces) {
    for (const item of at.PrivateIpAddresses ?? []) item.Association = { PublicIp: '192.0.2.50' };
  }
  const unoriented = recordOf('eni-a - tcp 10.9.9.9:50000 > 192.0.2.50:22 flags=2');
  const fromPublic = recordOf('eni-a in tcp 192.0.2.50:50000 > 10.0.0.10:22 flags=2');
  expect(explainRecord(inventory, unoriented).fate).toBe('unknownDirection');
  // No member's address, so that the rule only could admit it.
  expect(explainRecord(inventory, fromPublic)).toMatchObject({ fate: 'attributed', explanation: { isLone: true } });
});

describe('a referenced group is of another account by the owner of the rule’s group', () => {
  const record = recordOf('eni-a in tcp 10.0.0.20:50000 > 10.0.0.10:22 flags=2');
  const fateWith = (owner: string | undefined, user: string | undefined) => {
    const inventory = inventoryOf({ rules: ['r1 sg-web in tcp 22 sg-nowhere'] });
    const [rule] = inventory.securityGroupRules;
    delete rule?.GroupOwnerId;
    for (const group of inventory.securityGroups) {
      delete group.OwnerId;
      if (owner !== undefined) group.OwnerId = owner;
    }
    delete rule?.ReferencedGroupInfo?.UserId;
    if (user !== undefined && rule?.ReferencedGroupInfo !== undefined) rule.ReferencedGroupInfo.UserId = user;
    return explainRecord(inventory, record).fate;
  };
  test.each([
    ['both given and different', '333333333333', ACCOUNT, 'possible'],
    ['both given and equal', '333333333333', '333333333333', 'unexplained'],
    ['no owner given', undefined, ACCOUNT, 'unexplained'],
    ['no user given', '333333333333', undefined, 'unexplained'],
  ])('%s', (_, owner, user, fate) => {
    expect(fateWith(owner, user)).toBe(fate);
  });
});

describe('port buckets', () => {
  const rules = [
    'r1 sg-web in -1 10.9.0.0/16',
    'r2 sg-db out tcp 8080 0.0.0.0/0',
    'r3 sg-db in tcp 9000-9001 0.0.0.0/0',
    'r4 sg-db in icmp 8/8 0.0.0.0/0',
  ];
  test.each([
    ['exact below 1,024', 'tcp', 1023, 'tcp 1023-1023'],
    ['1,024 begins the first range', 'tcp', 1024, 'tcp 1024-2047'],
    ['the end of that range', 'tcp', 2047, 'tcp 1024-2047'],
    ['the next range', 'tcp', 2048, 'tcp 2048-3071'],
    ['the last range', 'tcp', 65535, 'tcp 64512-65535'],
    ['exact where any rule of the inventory names the port alone', 'tcp', 8080, 'tcp 8080-8080'],
    ['whatever that rule’s protocol', 'udp', 8080, 'udp 8080-8080'],
    ['a rule of two ports names none alone', 'tcp', 9000, 'tcp 8192-9215'],
    ['port 0', 'tcp', 0, 'tcp 0-0'],
    ['no ports, no numbers', 'icmp', 0, 'icmp null-null'],
    ['icmpv6 by its name', 'icmpv6', 0, 'icmpv6 null-null'],
    ['other protocols by number', '50', 0, '50 null-null'],
  ])('%s', (_, protocol, port, bucket) => {
    const record = recordOf(`eni-a in ${protocol} 10.9.9.9:0 > 10.0.0.10:${port} flags=2`);
    record.srcport = '60000';
    const use = oracleUsage(inventoryOf({ rules }), [record]).rules.r1;
    expect(use?.ports.map((item) => `${item.protocol} ${item.fromPort}-${item.toPort}`)).toEqual([bucket]);
  });

  test('requests and replies of one service port share a bucket; an exact 1,024 is not the range from 1,024', () => {
    const inventory = inventoryOf({
      rules: ['r1 sg-web in tcp 0-65535 10.9.0.0/16', 'r2 sg-db in tcp 1024 ::/0'],
    });
    const use = oracleUsage(inventory, [
      recordOf('eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:1025 flags=2'),
      recordOf('eni-a out tcp 10.0.0.10:1026 > 10.9.9.9:50000 flags=18'),
      recordOf('eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:1024 flags=2'),
    ]).rules.r1;
    expect(use?.ports).toEqual([
      { protocol: 'tcp', fromPort: 1024, toPort: 1024, usedTimes: 1, replyTimes: 0 },
      { protocol: 'tcp', fromPort: 1024, toPort: 2047, usedTimes: 1, replyTimes: 1 },
    ]);
  });
});

test('sums, the latest end, and admitting sets by groups and UTC day of end', () => {
  const inventory = inventoryOf({
    rules: ['rb sg-web in tcp 22 10.9.0.0/16', 'ra sg-extra in tcp 22 10.9.9.0/24', 'rc sg-web in tcp 22 pl-x'],
    interfaces: ['eni-c vpc-1 sg-web,sg-extra 10.0.0.40', 'eni-d vpc-1 sg-extra,sg-web 10.0.0.41'],
  });
  const midnight = Date.UTC(2026, 0, 31) / 1000;
  const result = oracleUsage(inventory, [
    recordOf(`eni-c in tcp 10.9.9.9:50000 > 10.0.0.40:22 flags=2 start=${midnight - 60} end=${midnight} packets=3`),
    recordOf(`eni-d out tcp 10.0.0.41:22 > 10.9.9.9:50000 flags=18 end=${midnight - 1} packets=4`),
    recordOf(`eni-d in tcp 10.9.1.1:50000 > 10.0.0.41:22 flags=2 end=${midnight - 1} bytes=7`),
    recordOf(`eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 end=${midnight + 5}`),
    recordOf(`eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:22 flags=2 end=${midnight + 9}`),
    recordOf(`eni-a in tcp 192.0.2.1:50000 > 10.0.0.10:22 flags=2 end=${midnight + 7}`),
  ]);
  expect(result.admittingSets).toEqual({
    'sg-extra,sg-web': {
      '2026-01-31': { 'ra,rb': { requests: 1, replies: 0 } },
      '2026-01-30': { 'ra,rb': { requests: 0, replies: 1 }, rb: { requests: 1, replies: 0 } },
    },
    'sg-web': { '2026-01-31': { rb: { requests: 1, replies: 0 } } },
  });
  expect(result.rules.rb).toMatchObject({
    usedTimes: 3,
    soleTimes: 2,
    packets: 27,
    bytes: 307,
    lastUsed: midnight + 5,
  });
  expect(result.rules.ra).toMatchObject({ usedTimes: 1, primaryTimes: 1, replyTimes: 1, lastUsed: midnight });
  expect(result.rules.rc).toMatchObject({ possibleTimes: 2, lastPossible: midnight + 9, lastUsed: null });
  expect(result.records).toMatchObject({ total: 6, attributed: 4, possible: 2, requests: 5, replies: 1 });
});

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 0n],
    ['255.255.255.255', 0xffffffffn],
    ['10.0.1.2', 0x0a000102n],
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['2001:DB8::A:0', (0x20010db8n << 96n) | 0xa0000n],
    ['::ffff:1.2.3.4', 0xffff01020304n],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
  ])('%s', (text, value) => {
    expect(parseIp(text).value).toBe(value);
    expect(parseIp(formatIp(parseIp(text)))).toEqual(parseIp(text));
    expect(parseIp(formatIpLong(parseIp(text)))).toEqual(parseIp(text));
  });
  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    ':::',
    'x',
  ])('%j is none', (text) => expect(() => parseIp(text)).toThrow(/not an IPv/));
  test('a block reaches from its first to its last address', () => {
    const block = parseBlock('10.9.17.3/20');
    expect([formatIp(firstOf(block)), formatIp(lastOf(block))]).toEqual(['10.9.16.0', '10.9.31.255']);
    expect(contains(parseBlock('::/0'), parseIp('0.0.0.0'))).toBe(false);
  });
});
