import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { GENERATE_DEFAULTS } from '../../../services/generate-account/options/options.ts';
import { removeScratchFolders, scratchFolder } from './generated.ts';

afterAll(removeScratchFolders);

const MODULE = join(import.meta.dirname, '../../../services/generate-account/generate-account.ts');
const PEAK_MEMORY = join(import.meta.dirname, '../../peak-memory.ts');

/** In a process of its own: jest's memory is not the generator's. */
function measure(records: number): { seconds: number; megabytes: number; records: number } {
  const options = { ...GENERATE_DEFAULTS, records, out: scratchFolder() };
  const script = `
    const { generateAccount } = await import(${JSON.stringify(MODULE)});
    const { records } = await generateAccount(${JSON.stringify(options)});
    const { peakMegabytes } = await import(${JSON.stringify(PEAK_MEMORY)});
    console.log(JSON.stringify({ records, seconds: performance.now() / 1000, megabytes: peakMegabytes() }));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  return JSON.parse(printed) as ReturnType<typeof measure>;
}

describe('four hundred thousand records', () => {
  test('need little more memory than fifty thousand', () => {
    const few = measure(50_000);
    const many = measure(400_000);
    const perSecond = Math.round((many.records - few.records) / (many.seconds - few.seconds));
    console.log(
      `generate: ${perSecond} records/s; peak RSS ${Math.round(few.megabytes)} MB for ${few.records} records, ` +
        `${Math.round(many.megabytes)} MB for ${many.records}`,
    );
    expect(many.megabytes).toBeLessThan(300);
  }, 120_000);
});
