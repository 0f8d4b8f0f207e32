// Costs a minute, and 900 MB of memory; with `STALE_SG_SIZE=5`, which has the second compactor meet the reader, three and 2 GB.
/** The protocol by which a deployment counts, in every interleaving. `npm run test:spin`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SIZE } from '../size.ts';
import { MODEL_FAULTS, PROMISES, type ModelFault, type Processes } from './counting-faults.ts';
import { describeWithSpin, search } from './spin.ts';

const MODEL = readFileSync(join(import.meta.dirname, 'counting.pml'), 'utf8');

function faulty({ texts }: ModelFault): string {
  return texts.reduce((model, [text, fault]) => model.replace(text, () => fault), MODEL);
}

describeWithSpin('counting', () => {
  test.each<readonly [string, Processes]>([
    ['three workers', { WORKERS: 3, COMPACTORS: 0, READERS: 0 }],
    ['a worker, a compactor and a reader', { WORKERS: 1, COMPACTORS: 1, READERS: 1 }],
    SIZE > 1
      ? [
          'whatever workers commit, two compactors and a reader of one day',
          { WORKERS: 0, COMPACTORS: 2, READERS: 1, READ_DAYS: 1 },
        ]
      : ['whatever workers commit, and two compactors', { WORKERS: 0, COMPACTORS: 2, READERS: 0 }],
  ])('keeps its promises with %s', (name, defines) => {
    const found = search({ model: MODEL, defines });
    console.log(`${name}: ${JSON.stringify(found)}`);
    expect(found.broken).toBeUndefined();
    // A model that can do nothing keeps every promise.
    expect(found.states).toBeGreaterThan(100_000);
  });

  test.each(MODEL_FAULTS)('$name: $breaks', (fault) => {
    const found = search({ model: faulty(fault), isFaulty: true, defines: fault.processes });
    expect(found.broken).toBe(fault.breaks);
  });
});

describe('faults of the model', () => {
  test('stand in it exactly once', () => {
    const texts = MODEL_FAULTS.flatMap((fault) => fault.texts.map(([text]) => text));
    expect(texts.filter((text) => MODEL.split(text).length !== 2)).toEqual([]);
  });

  test('break every promise, and nothing else is asserted', () => {
    const asserted = [...MODEL.matchAll(/\bhold\((\w+), /g)]
      .map(([, name]) => name)
      .filter((name) => name !== 'promise');
    expect(new Set(asserted)).toEqual(new Set(PROMISES));
    expect(new Set(MODEL_FAULTS.map(({ breaks }) => breaks))).toEqual(new Set(PROMISES));
  });
});
