/** A process for itself: CDK takes seconds to load, and in Jest several times as many. */
import { json } from 'node:stream/consumers';
import { synthesizeNow } from './synthesize.ts';

/** From standard input, an array; to standard output what is made of each, in the same order. */
const configs = (await json(process.stdin)) as object[];
process.stdout.write(JSON.stringify(configs.map((config) => synthesizeNow(config))));
