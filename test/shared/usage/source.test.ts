import { describe, expect, test } from '@jest/globals';
import {
  isCounted,
  NIGHTS_BEGIN,
  sourceFromText,
  sourceText,
  STREAM,
  type Source,
} from '../../../shared/usage/source.ts';

const IF: Source = { kind: 'streamIf', flowLogIds: ['fl-a', 'fl-b'] };
const UNLESS: Source = { kind: 'streamUnless', flowLogIds: ['fl-a', 'fl-b'] };
const NIGHT: Source = { kind: 'night', run: '0f3a' };

describe('a source as text', () => {
  test.each<[Source, string]>([
    [STREAM, 'stream'],
    [IF, 'stream if fl-a fl-b'],
    [UNLESS, 'stream unless fl-a fl-b'],
    [{ kind: 'streamIf', flowLogIds: ['fl-a'] }, 'stream if fl-a'],
    [NIGHT, 'night 0f3a'],
  ])('%j is %s, and is read back', (source, text) => {
    expect(sourceText(source)).toBe(text);
    expect(sourceFromText(text)).toEqual(source);
    expect(text.startsWith(NIGHTS_BEGIN)).toBe(source.kind === 'night');
  });

  test.each(['', 'any', 'streams', 'stream ', 'stream if', 'stream when fl-a', 'night', ' stream'])(
    '%j is refused by name',
    (text) => {
      expect(() => sourceFromText(text)).toThrow(JSON.stringify(text));
    },
  );
});

describe('what counts in the end', () => {
  test.each<[Source, delivered: string[], counted: boolean, why: string]>([
    [STREAM, [], true, 'no other flow log has to do with it'],
    [NIGHT, ['fl-a'], true, 'nor with what a night has counted'],
    [UNLESS, [], true, 'no other flow log has come: the record is no duplicate'],
    [UNLESS, ['fl-x'], true, 'one has come that does not tell of the record'],
    [UNLESS, ['fl-b'], false, 'one has come that does'],
    [IF, ['fl-x'], false, 'none has come that does'],
    [IF, ['fl-x', 'fl-a'], true, 'one has come that does: the record is a duplicate'],
  ])('%j, delivered %j: %s (%s)', (source, delivered, counted) => {
    expect(isCounted(source, new Set(delivered))).toBe(counted);
  });
});
