import { describe, expect, test } from '@jest/globals';
import { firstOf, formatIp, parseBlock } from '../../oracle/addresses.ts';
import { asOracleResult, countText, inventoryOfFiles } from '../../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../../oracle/random-world.ts';
import { expectedFigures, figuresOf, inventoryOf } from '../../oracle/row.ts';
import { ROWS } from '../../oracle/rows.ts';
import { END, recordOf } from '../../oracle/shorthand.ts';

/** Rows end at noon, UTC. */
const hourly = (noon: number): number[] => Array.from({ length: 24 }, (_, hour) => (hour === 12 ? noon : 0));

/** The /24 or /64 that peers are counted by. */
function networkOf(peer: string): string {
  const length = peer.includes(':') ? 64 : 24;
  return `${formatIp(firstOf(parseBlock(`${peer}/${length}`)))}/${length}`;
}

describe.each(Object.entries(ROWS))('the program says what was worked out by hand: %s', (_, rows) => {
  test.each(rows.map((row) => [row.why, row] as const))('%s', (_why, row) => {
    const inventory = inventoryOfFiles(toFiles(inventoryOf(row)));
    const usage = countText(inventory, toText([recordOf(row.record)], ALL_COLUMNS));

    expect(figuresOf(asOracleResult(inventory, usage))).toEqual(expectedFigures(row));
    expect(usage.ambiguous).toBe(row.says.endsWith(' smallerPort') ? 1 : 0);
    const days = [...usage.rules.values()].flatMap((byDay) => [...byDay.values()]);
    const used = days.filter((use) => use.usedTimes + use.replyTimes > 0);
    for (const use of used) expect(use.hours).toEqual(hourly(use.usedTimes));
    if (row.peer !== undefined) {
      for (const use of used) expect(use.peers.entries().map(([, peer]) => peer)).toEqual([networkOf(row.peer)]);
    }
  });
});

describe('answers are kept for records that come later', () => {
  const member = 'eni-a in tcp 10.0.0.50:50000 > 10.0.0.10:22 flags=2';
  const stranger = 'eni-a in tcp 10.2.0.50:50000 > 10.0.0.10:22 flags=2';
  test('but not for another protocol, which the same rules admit', () => {
    const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules: ['r1 sg-web in -1 10.9.0.0/16'] })));
    const records = ['tcp', 'udp'].map((name) => recordOf(`eni-a in ${name} 10.9.9.9:50000 > 10.0.0.10:53 flags=2`));
    const { rules } = asOracleResult(inventory, countText(inventory, toText(records, ALL_COLUMNS)));
    expect(rules.r1!.ports.map(({ protocol, usedTimes }) => [protocol, usedTimes])).toEqual([
      ['tcp', 1],
      ['udp', 1],
    ]);
  });

  test.each([
    ['the one that admits more first', [member, stranger]],
    ['the one that admits more last', [stranger, member]],
  ])('but not for one to which the same rules say something else: %s', (_, records) => {
    const rules = ['r1 sg-web in tcp 22 sg-y', 'r2 sg-web in tcp 22 sg-x', 'r3 sg-web in tcp 22 pl-unknown'];
    const interfaces = ['eni-both vpc-1 sg-x,sg-y 10.0.0.50', 'eni-far vpc-2 sg-y 10.2.0.50'];
    const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules, interfaces })));
    const usage = countText(inventory, toText(records.map(recordOf), ALL_COLUMNS));

    // The member of both is admitted by r1 and r2; of the other only r1 is sure, since vpc-1 might span its address.
    const { rules: said } = figuresOf(asOracleResult(inventory, usage));
    expect(Object.entries(said).map(([id, { counters }]) => `${id}: ${counters}`)).toEqual([
      'r1: used:2 sole primary:2',
      'r2: used',
      'r3: ',
    ]);
  });
});

test('the last use is that of the latest record, in whatever order they come', () => {
  const rules = [
    'r1 sg-web in tcp 22 10.9.0.0/16',
    'r2 sg-web in udp 22 10.9.0.0/16',
    'r3 sg-web out udp 22 10.9.0.0/16',
  ];
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules })));
  const records = [END, END - 60].flatMap((end) => [
    recordOf(`eni-a in tcp 10.9.9.9:50000 > 10.0.0.10:22 flags=2 end=${end}`),
    recordOf(`eni-a in udp 10.9.9.9:22 > 10.0.0.10:22 end=${end}`),
  ]);
  const { rules: said } = asOracleResult(inventory, countText(inventory, toText(records, ALL_COLUMNS)));
  expect([said.r1!.lastUsed, said.r2!.lastUsed, said.r3!.lastPossible]).toEqual([END, END, END]);
});
