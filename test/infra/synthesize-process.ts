/** A process for itself: CDK takes seconds to load, and in Jest several times as many. */
import { json } from 'node:stream/consumers';
import { refused } from './refused.ts';
import { synthesizeNow } from './synthesize.ts';
import type { AllSynthesized } from './synthesized.ts';

/** From standard input, an array; to standard output what is made of each, in the same order. */
const configs = (await json(process.stdin)) as object[];
const all: AllSynthesized = { made: configs.map((config) => synthesizeNow(config)), refused: refused() };
process.stdout.write(JSON.stringify(all));
