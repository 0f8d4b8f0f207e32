import type { GenerateOptions } from '../../services/generate-account/options/options.ts';

/** Ten minutes to three days: where records are few for the time, each rule has few, too. Of whole days verdicts speak. */
const MINUTES = [10, 240, 1440, 2880, 4320];

/** Whether the logs tell enough for rules to be called stale. */
export function isOfWholeDays(seed: number): boolean {
  return optionsOf(seed).minutes! >= 1440;
}

/** Every combination of format, time and size comes up again within 20 seeds; few files make them quicker. */
export function optionsOf(seed: number): Partial<GenerateOptions> {
  const format = seed % 2 === 0 ? 'v5' : 'v2';
  const minutes = MINUTES[seed % MINUTES.length]!;
  const rules = seed % 4 < 2 ? 300 : 1;
  return { seed, format, minutes, rules, interfaces: 20, records: 3000, filesPerInterval: 1, deliveryMinutes: 60 };
}
