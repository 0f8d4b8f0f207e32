import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { generateAccount } from '../../../../services/generate-account/generate-account.ts';
import type { GenerateOptions } from '../../../../services/generate-account/options/options.ts';
import { removeScratchFolders, scratchFolder, SMALL } from '../generated.ts';

afterAll(removeScratchFolders);

describe('options', () => {
  test.each<[Partial<GenerateOptions>, RegExp]>([
    [{ interfaces: 19 }, /interfaces must be a whole number from 20 to 20000, not 19/],
    [{ minutes: 9 }, /minutes must be/],
    [{ records: 0 }, /records must be/],
    [{ records: 1.5 }, /records must be/],
    [{ seed: Number.NaN }, /seed must be/],
    [{ seed: -1 }, /seed must be/],
    [{ deliveryMinutes: 12 }, /deliveryMinutes must be one of 5, 10, 15, 20, 30, 60, not 12/],
    [{ startSeconds: 601 }, /startSeconds must be a multiple of 600/],
    [{ hard: true }, /minutes must be at least 1440 where hard is set, not 60/],
    [{ unknownPercent: 51 }, /unknownPercent must be from 0 to 50, not 51/],
    [{ unknownPercent: Number.NaN }, /unknownPercent must be/],
    [{ format: 'csv' as 'v2' }, /format must be one of v2, v5, all, parquet/],
  ])('%j is refused, and nothing is written', async (change, message) => {
    const out = scratchFolder();
    await expect(generateAccount({ ...SMALL, ...change, out })).rejects.toThrow(message);
    expect(existsSync(join(out, 'truth'))).toBe(false);
  });

  test('a folder that holds an account is left alone', async () => {
    const out = scratchFolder();
    mkdirSync(join(out, 'logs'));
    await expect(generateAccount({ ...SMALL, out })).rejects.toThrow(/logs exists already/);
    expect(existsSync(join(out, 'inventory'))).toBe(false);
  });

  test('a folder that is not there yet is made', async () => {
    const out = join(scratchFolder(), 'new', 'account');
    await generateAccount({ ...SMALL, out });
    expect(existsSync(join(out, 'truth', 'account.json'))).toBe(true);
  });
});
