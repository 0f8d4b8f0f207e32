/** What the night knows of a record by the others of its day, and what that makes of it. Notation: shorthand.ts. */
import { describe, expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import type { FlowRecord } from '../../../shared/flowlogs/record.ts';
import { TextReader } from '../../../shared/flowlogs/text-reader.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { emptyUsage, type Usage } from '../../../shared/usage/usage.ts';
import { asOracleResult, inventoryOfFiles } from '../../oracle/core.ts';
import { ALL_COLUMNS, toFiles, toText } from '../../oracle/random-world.ts';
import { figuresOf, inventoryOf, type Row } from '../../oracle/row.ts';
import { recordOf } from '../../oracle/shorthand.ts';
import { fateOf } from './fate-of.ts';

type Known = Partial<Pick<FlowRecord, 'opener' | 'synSeen' | 'paired' | 'service'>>;

function counted(row: Pick<Row, 'rules' | 'interfaces' | 'record'>, known: Known): { said: string[]; usage: Usage } {
  const inventory = inventoryOfFiles(toFiles(inventoryOf(row)));
  const usage = emptyUsage();
  const attribution = new Attribution(new CompiledInventory(inventory), usage);
  const fates: string[] = [];
  const reader = new TextReader({
    record: (record) => {
      const origin = { flowLogId: undefined, isDuplicate: noDuplicates };
      fates.push(fateOf(attribution, usage, { ...record, ...known }, origin));
    },
    malformed: (_, reason) => {
      throw new Error(reason);
    },
  });
  reader.push(Buffer.from(toText([recordOf(row.record)], ALL_COLUMNS)));
  reader.end();
  attribution.finish();
  const { rules } = figuresOf(asOracleResult(inventory, usage));
  const said = Object.entries(rules).map(([id, { counters }]) => `${id}: ${counters}`.trim());
  return { said: [...fates, ...said], usage };
}

type NightRow = [why: string, record: string, known: Known, ...said: string[]];
const bothWays = (protocol: string): string[] => [
  `r1 sg-web in ${protocol} 0-65535 10.9.0.0/16`,
  `r2 sg-web out ${protocol} 0-65535 10.9.0.0/16`,
];
const check =
  (rules: string[]) =>
  (...[, record, known, ...said]: NightRow): void => {
    expect(counted({ rules, record }, known).said).toEqual(said);
  };

describe('UDP, by who spoke first', () => {
  const question = 'eni-a in udp 10.9.9.9:50000 > 10.0.0.10:514';
  const answer = 'eni-a in udp 10.9.9.9:514 > 10.0.0.10:50000';
  test.each<NightRow>([
    [
      'a request that asks is clear',
      question,
      { paired: 'asks' },
      'attributed',
      'r1: used sole primary inferred',
      'r2:',
    ],
    ['a request of which nothing tells', question, {}, 'attributed', 'r1: used sole primary inferred', 'r2: possible'],
    [
      'a request that seems to answer',
      question,
      { paired: 'answers' },
      'attributed',
      'r1: used sole primary inferred',
      'r2: possible',
    ],
    ['a reply that answers is clear', answer, { paired: 'answers' }, 'attributed', 'r1:', 'r2: reply'],
    ['a reply of which nothing tells', answer, {}, 'attributed', 'r1: possible', 'r2: reply'],
    ['a reply that seems to ask', answer, { paired: 'asks' }, 'attributed', 'r1: possible', 'r2: reply'],
  ])('%s', check(bothWays('udp')));
});

describe('a port that met many is the service', () => {
  const tcp = 'eni-a in tcp 10.9.9.9:8000 > 10.0.0.10:9000 flags=0';
  test.each<NightRow>([
    ['the smaller one, where nothing tells', tcp, {}, 'attributed', 'r1: possible', 'r2: reply'],
    ['the destination', tcp, { service: 'destination' }, 'attributed', 'r1: used sole primary inferred', 'r2:'],
    ['the source', tcp, { service: 'source' }, 'attributed', 'r1:', 'r2: reply'],
    [
      'but a SYN tells more',
      tcp.replace('flags=0', 'flags=2'),
      { service: 'source' },
      'attributed',
      'r1: used sole primary',
      'r2:',
    ],
  ])('%s', check(bothWays('tcp')));

  test.each<NightRow>([
    [
      'not clearly',
      'eni-a in udp 10.9.9.9:8000 > 10.0.0.10:9000',
      { service: 'destination' },
      'attributed',
      'r1: used sole primary inferred',
      'r2: possible',
    ],
  ])('over UDP %s', check(bothWays('udp')));

  test('where only the other reading is admitted, that is the one', () => {
    const record = 'eni-a in tcp 10.9.9.9:8000 > 10.0.0.10:9000 flags=0';
    const { said } = counted({ rules: ['r1 sg-web in tcp 9000 10.9.0.0/16'], record }, { service: 'source' });
    expect(said).toEqual(['attributed', 'r1: used sole primary inferred']);
  });
});

describe('a SYN-ACK that no rule admits', () => {
  const record = 'eni-a in tcp 10.9.9.9:443 > 10.0.0.10:50000 flags=18';
  const rules = ['r1 sg-web in tcp 50000 10.9.0.0/16', 'r2 sg-web out tcp 22 10.9.0.0/16'];
  test('whose SYN was not seen may be of another path: what lets it in may have been used', () => {
    expect(counted({ rules, record }, {}).said).toEqual(['unexplained', 'r1: possible', 'r2:']);
  });

  test('whose SYN was seen is a reply, and no more', () => {
    expect(counted({ rules, record }, { opener: 'reply', synSeen: true }).said).toEqual(['unexplained', 'r1:', 'r2:']);
  });
});

describe('a reference to a group is proven', () => {
  const record = 'eni-a in tcp 10.0.0.20:50000 > 10.0.0.10:22 flags=0';
  const provenBy = (known: Known): number[] => {
    const { usage } = counted({ rules: ['r1 sg-web in tcp 22 sg-db'], record }, known);
    return [...usage.admittingSets.values()].map(({ provenTimes }) => provenTimes);
  };
  test.each<[string, Known, number]>([
    ['by the SYN of another record of the connection', { opener: 'request', synSeen: true }, 1],
    ['not by its SYN-ACK alone', { opener: 'request', synSeen: false }, 0],
  ])('%s', (_, known, times) => {
    expect(provenBy(known)).toEqual([times]);
  });
});
