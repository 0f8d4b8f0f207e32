import { describe, expect, test } from '@jest/globals';
import { emptyLogDay, noteSlot, TOLD, type LogsOfDay } from '../../../shared/usage/log-days.ts';
import {
  isCounted,
  NIGHTS_BEGIN,
  sourceFromText,
  sourceText,
  STREAM,
  type Source,
} from '../../../shared/usage/source.ts';

const IF: Source = { kind: 'streamIf', flowLogId: 'fl-m', rivals: ['fl-a', 'fl-z'] };
const UNLESS: Source = { ...IF, kind: 'streamUnless' };
const NIGHT: Source = { kind: 'night', run: '0f3a' };

describe('a source as text', () => {
  test.each<[Source, string]>([
    [STREAM, 'stream'],
    [IF, 'stream if fl-m fl-a fl-z'],
    [UNLESS, 'stream unless fl-m fl-a fl-z'],
    [{ kind: 'streamIf', flowLogId: 'fl-b', rivals: ['fl-a'] }, 'stream if fl-b fl-a'],
    [NIGHT, 'night 0f3a'],
  ])('%j is %s, and is read back', (source, text) => {
    expect(sourceText(source)).toBe(text);
    expect(sourceFromText(text)).toEqual(source);
    expect(text.startsWith(NIGHTS_BEGIN)).toBe(source.kind === 'night');
  });

  test.each([
    '',
    'any',
    'streams',
    'stream ',
    'stream if',
    'stream if fl-a',
    'stream when fl-a fl-b',
    'night',
    ' stream',
  ])('%j is refused by name', (text) => {
    expect(() => sourceFromText(text)).toThrow(JSON.stringify(text));
  });
});

/** `fl-a 3 flags`: heard in the first three hours, with flags (`holes`: not of all files); the one that the record is of in the first two. */
function logsOf(...texts: readonly string[]): LogsOfDay {
  const logs = [...texts, ...(texts.some((text) => text.startsWith('fl-m')) ? [] : ['fl-m 2'])].map((text) => {
    const [id = '', hours = '0', field] = text.split(' ');
    const told = field === 'flags' ? TOLD.tcpFlags : field === 'packet' ? TOLD.packetAddresses : 0;
    const heard = { ...emptyLogDay(), hours: 2 ** Number(hours) - 1, told };
    // Of files every five minutes, half of those of one hour.
    if (field === 'holes') for (const slot of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15]) noteSlot(heard, slot);
    return [id, heard] as const;
  });
  return new Map(logs);
}

describe('what counts in the end', () => {
  test.each<[Source, logs: string[], counted: boolean, why: string]>([
    [STREAM, [], true, 'no other flow log has to do with it'],
    [NIGHT, ['fl-a 24'], true, 'nor with what a night has counted'],
    [UNLESS, [], true, 'no other flow log was heard: the record is no duplicate'],
    [UNLESS, ['fl-x 24'], true, 'one was heard that does not cover the interface'],
    [UNLESS, ['fl-a 1'], true, 'another was heard in fewer hours'],
    [UNLESS, ['fl-z 3'], false, 'another was heard in more hours, whatever its id'],
    [UNLESS, ['fl-z 2'], true, 'as many hours, and a larger id'],
    [UNLESS, ['fl-a 2'], false, 'as many hours, and a smaller id'],
    [UNLESS, ['fl-z 2 packet'], false, 'as many hours, and it tells more'],
    [UNLESS, ['fl-m 2 flags', 'fl-a 2 packet'], true, 'flags tell more than the packet’s addresses'],
    [UNLESS, ['fl-a 2', 'fl-m 2 holes'], false, 'as many hours, and more of their files'],
    [UNLESS, ['fl-z 2', 'fl-m 2 holes'], false, 'the same, whatever its id'],
    [UNLESS, ['fl-m 0', 'fl-a 0'], true, 'nothing was heard of any'],
    [IF, ['fl-x 24'], false, 'no other one counts in its place'],
    [IF, ['fl-z 3'], true, 'another one counts: the record is a duplicate'],
  ])('%j, heard %j: %s (%s)', (source, logs, counted) => {
    expect(isCounted(source, logsOf(...logs))).toBe(counted);
  });
});
