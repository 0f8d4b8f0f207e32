// Costs about 40 seconds.
/** How often the program tells who opened a connection, against the truth, record by record. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MIX } from '../../services/generate-account/options/mix.ts';
import type { GenerateFormat } from '../../services/generate-account/options/options.ts';
import type { Orientation } from '../../shared/attribution/orient.ts';
import { removeScratchFolders } from '../services/generate-account/generated.ts';
import { account, readWithTruth, type RecordTruth } from './account.ts';
import { share, table } from './table.ts';
import type { Opener } from '../../shared/protocols.ts';

afterAll(removeScratchFolders);
jest.setTimeout(300_000);

const SEEDS = [1, 2, 3, 4, 5];
const ACCOUNT = { interfaces: 60, rules: 300, records: 60_000, minutes: 60 } as const;

/** The promised share over records that one record can decide: over all seeds together. */
const FORMATS: readonly { format: GenerateFormat; least: number }[] = [
  { format: 'v5', least: 0.997 },
  { format: 'v2', least: 0.994 },
];

const DECIDABLE = ['portsDiffer', 'equalPorts', 'noPorts'] as const;
type Decidable = (typeof DECIDABLE)[number];

/** What was made of the records of one kind. */
type Confusion = Record<`${Opener}${'Right' | 'Wrong'}` | 'syn' | 'synWrong', number>;

const nothing = (): Confusion => ({
  requestRight: 0,
  requestWrong: 0,
  replyRight: 0,
  replyWrong: 0,
  syn: 0,
  synWrong: 0,
});
const rightOf = (one: Confusion): number => one.requestRight + one.replyRight;
const wrongOf = (one: Confusion): number => one.requestWrong + one.replyWrong;
const allOf = (one: Confusion): number => rightOf(one) + wrongOf(one);

function sumOf(some: Iterable<Confusion>): Confusion {
  const sum = nothing();
  for (const one of some) for (const key of Object.keys(one) as (keyof Confusion)[]) sum[key] += one[key];
  return sum;
}

class Confusions {
  readonly #byKind = new Map<string, Confusion>();

  add({ kind, decidable, opened }: RecordTruth, { opener, ground }: Orientation): void {
    const key = `${decidable} ${kind}`;
    let one = this.#byKind.get(key);
    if (!one) this.#byKind.set(key, (one = nothing()));
    const isRight = opener === opened;
    one[`${opened as Opener}${isRight ? 'Right' : 'Wrong'}`]++;
    if (ground === 'syn') one.syn++;
    if (ground === 'syn' && !isRight) one.synWrong++;
  }

  of(decidable: Decidable): [string, Confusion][] {
    return MIX.flatMap(({ kind }) => {
      const one = this.#byKind.get(`${decidable} ${kind}`);
      return one ? [[kind, one] as [string, Confusion]] : [];
    });
  }

  sum(decidable: Decidable): Confusion {
    return sumOf(this.of(decidable).map(([, one]) => one));
  }

  rightShare(decidable: Decidable): number {
    const sum = this.sum(decidable);
    return rightOf(sum) / allOf(sum);
  }
}

const HEADER = [
  'kind',
  'mix',
  'written',
  'records',
  'right',
  'wrong',
  'share right',
  'requests read as replies',
  'replies read as requests',
  'by flags',
  'inferred',
];

/** Percent of the records: as the mix wants it, and as all that was written has it. */
type Shares = readonly [mix: string, written: string];

function rowOf(kind: string, shares: Shares, one: Confusion): (string | number)[] {
  const all = allOf(one);
  return [
    kind,
    ...shares,
    all,
    rightOf(one),
    wrongOf(one),
    share(rightOf(one), all),
    one.requestWrong,
    one.replyWrong,
    one.syn,
    all - one.syn,
  ];
}

function tableOf(confusions: Confusions, decidable: Decidable, written: ReadonlyMap<string, number>): string {
  const records = [...written.values()].reduce((sum, count) => sum + count, 0);
  const mix = new Map<string, number>(MIX.map((one) => [one.kind, one.share]));
  const sharesOf = (kind: string): Shares => [`${mix.get(kind)!} %`, share(written.get(kind)!, records)];
  const kinds = confusions.of(decidable).map(([kind, one]) => rowOf(kind, sharesOf(kind), one));
  return table(HEADER, [...kinds, rowOf(`all ${decidable}`, ['', ''], confusions.sum(decidable))]);
}

function countUp(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

describe.each(FORMATS)('$format logs', ({ format, least }) => {
  const pooled = new Confusions();
  const seeds: string[] = [];
  const fates = new Map<string, number>();
  const written = new Map<string, number>();

  beforeAll(async () => {
    for (const seed of SEEDS) {
      const own = new Confusions();
      const made = await account({ ...ACCOUNT, format, seed });
      await readWithTruth(made, (_, truth, { fate, orientation }) => {
        const { kind, setAside } = truth;
        countUp(written, kind);
        countUp(fates, `${setAside === '' ? 'evidence' : setAside} → ${orientation ? 'oriented' : fate}`);
        if (!orientation) return;
        for (const confusions of [own, pooled]) confusions.add(truth, orientation);
      });
      const sum = own.sum('portsDiffer');
      seeds.push(`seed ${seed}: ${rightOf(sum)} of ${allOf(sum)} right, ${share(rightOf(sum), allOf(sum))}`);
      removeScratchFolders();
    }
    const counted = [...fates].sort().map(([key, records]) => `${key}: ${records}`);
    const parts = [
      `${format}, seeds ${SEEDS.join(', ')}: what the truth says of a record → what became of it`,
      counted.join('\n'),
      ...DECIDABLE.map((decidable) => `${decidable}\n${tableOf(pooled, decidable, written)}`),
      `portsDiffer by seed\n${seeds.join('\n')}`,
    ];
    console.log(parts.join('\n\n'));
  });

  test('every record that is evidence is oriented, and no other', () => {
    const SET_ASIDE = ['noData', 'skipData', 'duplicateLog', 'rejected', 'unknownInterface', 'noGroup'];
    const expected = ['evidence → oriented', ...SET_ASIDE.map((reason) => `${reason} → ${reason}`)];
    expect([...fates.keys()].sort()).toEqual(expected.sort());
  });

  test(`at least ${100 * least} % are right where one record can tell, all seeds together`, () => {
    expect(pooled.rightShare('portsDiffer')).toBeGreaterThanOrEqual(least);
  });

  test('what the flags of a record say is never wrong', () => {
    const certain = sumOf(DECIDABLE.map((decidable) => pooled.sum(decidable)));
    expect(certain.synWrong).toBe(0);
    expect(certain.syn > 0).toBe(format === 'v5');
  });
});
