import { expect, test } from '@jest/globals';
import { UsageBySource } from '../../../shared/usage/by-source.ts';
import { STREAM, type Source } from '../../../shared/usage/source.ts';
import { sureRejects } from '../../../shared/usage/sure-rejects.ts';

/** `a b,c: 1 2`: unless one of b and c counts, a tells of the flows 1 and 2. */
function sourcesOf(lines: readonly string[]): UsageBySource {
  const sources = new UsageBySource();
  for (const line of lines) {
    const [, flowLogId = '', rivals = '', hashes = ''] = /^(\w+) (\S+): ?(.*)$/.exec(line)!;
    const source: Source =
      flowLogId === 'stream' ? STREAM : { kind: 'streamUnless', flowLogId, rivals: rivals.split(',') };
    const { rejected } = sources.of(source);
    for (const hash of hashes.split(' ').filter((text) => text !== '')) {
      rejected.keep(Number(hash), () => {
        const who = { interfaceId: 'eni-1', direction: undefined, protocol: 6, peer: '192.0.2.1', port: 1, reason: '' };
        return { ...who, times: 1, lastSeen: 1 };
      });
    }
  }
  return sources;
}

test.each<[why: string, lines: readonly string[], sure: readonly number[]]>([
  ['what both tell of', ['a b: 1 2 4', 'b a: 2 3 4'], [2, 4]],
  ['of a log that was not heard yet nobody knows what it will tell', ['a b: 1 2'], []],
  ['nor of the third of three', ['a b,c: 1 2', 'c a,b: 1 2'], []],
  ['what all three tell of', ['a b,c: 1 2 3', 'c a,b: 1 2', 'b a,c: 2 3'], [2]],
  ['each group of logs by itself', ['a b: 1', 'b a: 1', 'a b,c: 2', 'b a,c: 2', 'c a,b: 2 3'], [1, 2]],
  ['one of them has told of nothing', ['a b: 1', 'b a:'], []],
  ['what counts anyway is asked for elsewhere', ['stream -: 1 2'], []],
])('%s', (_, lines, sure) => {
  expect([...sureRejects(sourcesOf(lines))]).toEqual(sure);
});
