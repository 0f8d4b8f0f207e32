import { readFileSync } from 'node:fs';
import sequencer from '@jest/test-sequencer';

/** Of an ES module the class itself, though its types say of CommonJS. */
const Sequencer = sequencer as unknown as typeof sequencer.default;
type Tests = Parameters<sequencer.default['sort']>[0];

/** What the first line of a test file begins with that takes more than some seconds. */
export const COSTS = '// Costs ';

export const isCostly = (path: string): boolean => readFileSync(path, 'utf8').startsWith(COSTS);

/**
 * Files that say what they cost come first, so that the workers end together: in a new checkout Jest knows no times, goes by
 * bytes, and comes to some that take a minute when all else is done.
 */
export default class LongestFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const byCost = Map.groupBy(await super.sort(tests), ({ path }) => isCostly(path));
    return [true, false].flatMap((costly) => byCost.get(costly) ?? []);
  }
}
