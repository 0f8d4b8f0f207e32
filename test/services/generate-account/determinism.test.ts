import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { GENERATE_FORMATS } from '../../../services/generate-account/options/options.ts';
import { filesUnder, generated, removeScratchFolders } from './generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(60_000);

function fingerprints(out: string): string[] {
  return filesUnder(out).map(
    (path) =>
      `${path} ${createHash('sha256')
        .update(readFileSync(join(out, path)))
        .digest('hex')}`,
  );
}

describe('a seed', () => {
  test.each(GENERATE_FORMATS)('gives the same bytes again, in %s', async (format) => {
    const options = { format, records: 2000, seed: 7 };
    const [first, second] = [await generated(options), await generated(options)];
    expect(fingerprints(second.out)).toEqual(fingerprints(first.out));
  });

  test('gives the same bytes again where the account is hard', async () => {
    const options = { hard: true, minutes: 1440, records: 4000, seed: 7, deliveryMinutes: 60 };
    const [first, second] = [await generated(options), await generated(options)];
    expect(fingerprints(second.out)).toEqual(fingerprints(first.out));
  });

  test('gives other bytes than another one', async () => {
    const [first, second] = [await generated({ seed: 1 }), await generated({ seed: 2 })];
    const common = new Set(fingerprints(first.out));
    expect(fingerprints(second.out).filter((each) => common.has(each))).toEqual([]);
  });

  test('above 32 bits counts in full', async () => {
    const [first, second] = [await generated({ seed: 5 }), await generated({ seed: 2 ** 32 + 5 })];
    expect(fingerprints(second.out)).not.toEqual(fingerprints(first.out));
  });

  test('decides which of two logs over one subnet has the smaller id', async () => {
    const seen = new Set<boolean>();
    for (let seed = 1; seed <= 12; seed++) {
      const { out } = await generated({ seed, records: 300 });
      const { flowLogs } = JSON.parse(readFileSync(join(out, 'truth', 'account.json'), 'utf8')) as {
        flowLogs: { id: string }[];
      };
      seen.add(flowLogs[0]!.id < flowLogs[1]!.id);
    }
    expect(seen.size).toBe(2);
  });
});
