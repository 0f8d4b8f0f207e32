// Costs about a minute of one processor: 40 accounts of some 4,000 records, each read three times over.
/**
 * Accounts of which most interfaces live for minutes, with one snapshot of their end: what is known of their records and of
 * their rules without history, with what CloudTrail remembers, and with what AWS Config does. 40 accounts; 200 with `STALE_SG_SIZE=5`.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readHistory } from '../../services/command-line/files/read-inventories.ts';
import { daysSpanned } from '../../shared/time.ts';
import { judge } from '../../shared/verdicts/judge.ts';
import { SIZE } from '../size.ts';
import { hiddenInterfaces, removeScratchFolders, rulesTruth } from '../services/generate-account/generated.ts';
import { account, readWithTruth } from './account.ts';
import { share, table } from './table.ts';

jest.setTimeout(24 * 3_600_000);
afterAll(removeScratchFolders);

const SEEDS = 40 * SIZE;

/** Traffic with those whom no memory of the account shows: its peers are others', and its inventory lacks their addresses. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'fromCloudFront',
  'clientKeptByLoadBalancer',
  'partnerCallsUs',
  'weCallPartner',
]);

const READERS = ['inventory', 'cloudtrail', 'config'] as const;
type Reader = (typeof READERS)[number];

class Sums {
  accepted = 0;
  attributed = 0;
  ofOthers = 0;
  ofOthersAttributed = 0;
  leftOver = 0;
  stale = 0;
  /** Of these, those that a plan may take: how old they are is known. */
  staleOfAge = 0;
  readonly condemned: string[] = [];
}

const sums: Readonly<Record<Reader, Sums>> = { inventory: new Sums(), cloudtrail: new Sums(), config: new Sums() };
let interfaces = 0;
let shortLived = 0;

const ACCEPTED: ReadonlySet<string> = new Set([
  'attributed',
  'possible',
  'unexplained',
  'unknownDirection',
  'unknownInterface',
]);

beforeAll(async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const made = await account({
      seed,
      memory: true,
      hard: true,
      interfaces: 20 + (seed % 20),
      rules: seed % 4 < 2 ? 200 : 1,
      minutes: 2 * 1440,
      records: 4000,
      filesPerInterval: 1,
      deliveryMinutes: 60,
      unknownPercent: 8,
      format: seed % 3 === 0 ? 'v2' : 'v5',
    });
    const lives = hiddenInterfaces(made.out).filter(({ id, from }) => id !== '' && from > -Infinity);
    interfaces += made.inventory.interfaces.size + lives.length;
    shortLived += lives.filter(({ from, until }) => until - from < 900).length;
    const truth = new Map(rulesTruth(made.out).map((one) => [one.ruleId, one.need]));
    for (const reader of READERS) {
      const sum = sums[reader];
      const folder = join(made.out, reader);
      const { newest, history } = await readHistory([folder]);
      const usage = await readWithTruth({ ...made, inventory: history ?? newest }, (_, { kind }, { fate }) => {
        if (!ACCEPTED.has(fate)) return;
        const isAttributed = fate === 'attributed' ? 1 : 0;
        if (OF_OTHERS.has(kind)) {
          sum.ofOthers++;
          sum.ofOthersAttributed += isAttributed;
        } else {
          sum.accepted++;
          sum.attributed += isAttributed;
        }
      });
      const windowDays = daysSpanned(usage.firstEnd, usage.lastEnd);
      const options = { asOf: usage.lastEnd, windowDays, rulesKnownSince: undefined };
      for (const { rule, verdict } of judge(newest, usage, options, history)) {
        const { ruleId } = rule;
        const need = truth.get(ruleId)!;
        const isStale = verdict.kind === 'stale';
        if (need.kind === 'needed' && (isStale || verdict.kind === 'redundant' || verdict.kind === 'unattached'))
          sum.condemned.push(`seed ${String(seed)}: ${ruleId}: ${verdict.kind}, needed: ${need.because}`);
        if (need.kind !== 'unneeded' || need.because !== 'leftOver') continue;
        sum.leftOver++;
        if (!isStale) continue;
        sum.stale++;
        if (!verdict.ageUnknown) sum.staleOfAge++;
      }
    }
    removeScratchFolders();
  }
  const rows = READERS.map((reader) => {
    const { accepted, attributed, ofOthers, ofOthersAttributed, leftOver, stale, staleOfAge, condemned } = sums[reader];
    return [
      reader,
      share(attributed, accepted),
      share(attributed + ofOthersAttributed, accepted + ofOthers),
      share(stale, leftOver),
      share(staleOfAge, leftOver),
      condemned.length,
    ];
  });
  const header = ['known by', 'attributed', 'with those of others', 'stale rules found', 'of known age', 'condemned'];
  console.log(
    `${SEEDS} accounts, ${interfaces} interfaces, ${share(shortLived, interfaces)} of them for less than 15 minutes\n\n` +
      table(header, rows),
  );
});

test('three in ten interfaces, at least, live for less than 15 minutes', () => {
  expect(shortLived / interfaces).toBeGreaterThanOrEqual(0.3);
});

test('no rule that is needed is called unused or covered', () => {
  for (const reader of READERS) expect([reader, ...sums[reader].condemned]).toEqual([reader]);
});

test('with AWS Config no less is known', () => {
  const { accepted, attributed, leftOver, staleOfAge } = sums.config;
  expect(attributed / accepted).toBeGreaterThanOrEqual(0.99);
  expect(staleOfAge / leftOver).toBeGreaterThanOrEqual(0.9);
});

test('with CloudTrail 99 in 100 accepted records are attributed, and nine in ten stale rules are called so, of known age', () => {
  const { accepted, attributed, leftOver, stale, staleOfAge } = sums.cloudtrail;
  expect(attributed / accepted).toBeGreaterThanOrEqual(0.99);
  expect(attributed / accepted).toBeGreaterThan(sums.inventory.attributed / sums.inventory.accepted);
  expect(stale / leftOver).toBeGreaterThanOrEqual(0.9);
  expect(staleOfAge / leftOver).toBeGreaterThanOrEqual(0.9);
  expect(sums.inventory.staleOfAge).toBe(0);
});
