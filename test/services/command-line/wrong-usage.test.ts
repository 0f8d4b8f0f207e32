import { describe, expect, jest, test } from '@jest/globals';
import { parseDays, parseTime } from '../../../services/command-line/terminal/options.ts';
import { runBin, runMain } from './program.ts';
import { scratch } from './scratch.ts';
import { INVENTORY, logOf, recordLine } from './small-account.ts';

// A process of its own, on a machine that may be busy.
jest.setTimeout(60_000);
const folder = scratch();

/** All that `analyze` needs, in the order of the words. */
function good(): string[] {
  return [
    'analyze',
    '--inventory',
    folder.path('inventory'),
    '--logs',
    folder.path('a.log'),
    '--out',
    folder.path('out'),
  ];
}
const without = (option: string): string[] => {
  const words = good();
  words.splice(words.indexOf(option), 2);
  return words;
};

describe('wrong usage: exit status 2, what is wrong in a line, nothing written', () => {
  test.each<[why: string, words: () => string[], says: RegExp]>([
    ['no command', () => [], /^Usage: stale-sg /],
    ['a command that is none', () => ['analyse'], /^error: unknown command 'analyse'$/m],
    ['an option that is none', () => ['--verbose'], /^error: unknown option '--verbose'$/m],
    ['nothing said', () => ['analyze'], /^error: required option '--inventory <dir\.\.\.>' not specified$/m],
    ['no --inventory', () => without('--inventory'), /^error: required option '--inventory <dir\.\.\.>'/],
    ['no --logs', () => without('--logs'), /^error: required option '--logs <path\.\.\.>'/],
    ['no --out', () => without('--out'), /^error: required option '--out <dir>'/],
    ['--logs without a path', () => [...without('--logs'), '--logs'], /'--logs <path\.\.\.>' argument missing/],
    [
      '--inventory without a folder',
      () => [...without('--inventory'), '--inventory'],
      /'--inventory <dir\.\.\.>' argument/,
    ],
    ['--out without a folder', () => [...without('--out'), '--out'], /'--out <dir>' argument missing/],
    ['an unknown option', () => [...good(), '--colour'], /^error: unknown option '--colour'$/m],
    ['an option that is misspelt', () => [...good(), '--as-off', '2026-01-31'], /^error: unknown option '--as-off'/],
    ['a needed option that is misspelt', () => [...without('--logs'), '--log=x'], /^There is no option '--log'\.$/m],
    ['a word too many', () => ['analyze', 'logs', ...good().slice(1)], /^error: too many arguments for 'analyze'/],
    ['--as-of without a time', () => [...good(), '--as-of'], /'--as-of <time>' argument missing/],
    [
      '--as-of no time',
      () => [...good(), '--as-of', 'now'],
      /'--as-of <time>' argument 'now' is invalid\. Give a date/,
    ],
    ['--as-of no day', () => [...good(), '--as-of', '2026-02-30'], /argument '2026-02-30' is invalid/],
    ['--window-days without a number', () => [...good(), '--window-days'], /'--window-days <n>' argument missing/],
    [
      '--window-days 0',
      () => [...good(), '--window-days', '0'],
      /argument '0' is invalid\. Give a whole number of days/,
    ],
    ['--window-days in weeks', () => [...good(), '--window-days', '2w'], /argument '2w' is invalid/],
    [
      '--rules-known-since in words',
      () => [...good(), '--rules-known-since', 'May'],
      /since <date>' argument 'May' is/,
    ],
    ['--tables for analyze', () => [...good(), '--tables', 'sg'], /^error: unknown option '--tables'/],
    ['snapshot without --out', () => ['snapshot'], /^error: required option '--out <dir>' not specified$/m],
    ['snapshot with --logs', () => ['snapshot', '--out', 'x', '--logs', 'y'], /^error: unknown option '--logs'/],
    ['text meant for the terminal', () => [...good(), '--\u001b[31m\u202e'], /^error: unknown option '--\?\[31m\?'$/m],
  ])('%s', async (_why, words, says) => {
    await folder.write({ ...INVENTORY, 'a.log': logOf(recordLine(1)) });
    const run = await runMain(words());
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(says);
    expect(run.stderr.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect(run.stderr).not.toMatch(/ {4}at /);
    expect(await folder.filesIn('.')).toHaveLength(4);
  });

  test('so it is for the program as it is installed', async () => {
    const run = await runBin(['analyze', '--window-days', 'x']);
    expect(run).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: [^\n]+\n\(stale-sg analyze --help/),
    });
  });
});

describe('help: exit status 0, on standard output', () => {
  test.each<[words: string[], says: RegExp]>([
    [['--help'], /^Usage: stale-sg \[options\] \[command\]\n[^]*\n {2}analyze [^]*\n {2}snapshot /],
    [['help'], /^Usage: stale-sg /],
    [
      ['analyze', '--help'],
      /--inventory <dir\.\.\.>[^]*dated snapshots[^]*--logs <path\.\.\.>[^]*--out <dir>[^]*--as-of[^]*--window-days/,
    ],
    [['help', 'analyze'], /^Usage: stale-sg analyze [^]*--rules-known-since <date>/],
    [['snapshot', '--help'], /--out <dir>[^]*--region <region>/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j', async (words, says) => {
    const run = await runMain(words);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(says);
  });
});

describe('a time', () => {
  const refused = 'refused';
  test.each<[text: string, iso: string, why: string]>([
    ['2026-01-31', '2026-01-31T00:00:00.000Z', 'a date is its first second, UTC'],
    ['2026-01-31T12:30Z', '2026-01-31T12:30:00.000Z', 'seconds may be left out'],
    ['2026-01-31T12:30:15Z', '2026-01-31T12:30:15.000Z', 'as the report writes it'],
    ['2026-01-31T12:30:15.999Z', '2026-01-31T12:30:15.000Z', 'parts of a second are dropped'],
    ['2026-01-31T12:30:15', '2026-01-31T12:30:15.000Z', 'UTC unless it says otherwise, wherever it is run'],
    ['2026-01-31T00:30:00+02:00', '2026-01-30T22:30:00.000Z', 'a zone counts'],
    ['2026-01-31T12:00:00-05:00', '2026-01-31T17:00:00.000Z', 'a zone west of it counts'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z', 'the first second there is'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z', 'a leap day'],
    ['2027-02-29', refused, 'no leap day'],
    ['2026-02-30', refused, 'no day, which Date would make 2 March'],
    ['2026-04-31T00:00:00Z', refused, 'no day either'],
    ['2026-13-01', refused, 'no month'],
    ['2026-00-10', refused, 'no month either'],
    ['2026-01-31T25:00', refused, 'no hour'],
    ['2026-01-31T12:60', refused, 'no minute'],
    ['1969-12-31', refused, 'before UNIX time'],
    ['2026-1-5', refused, 'two digits each'],
    ['31.01.2026', refused, 'not ISO 8601'],
    ['2026-01-31 12:00', refused, 'a blank instead of T'],
    ['1767225600', refused, 'UNIX seconds are not meant'],
    ['', refused, 'nothing'],
    [' 2026-01-31', refused, 'blanks'],
    ['2026-01-31Z', refused, 'a zone without a time'],
  ])('%j is %s: %s', (text, iso) => {
    const read = (): string => {
      try {
        return new Date(1000 * parseTime(text)).toISOString();
      } catch (error) {
        expect(error).toMatchObject({ code: 'commander.invalidArgument' });
        return refused;
      }
    };
    expect(read()).toBe(iso);
  });
});

test('the same times wherever it is run', async () => {
  await folder.write({ ...INVENTORY, 'a.log': logOf(recordLine(1)) });
  const more = ['--as-of', '2026-01-12T23:30', '--rules-known-since', '2026-01-12'];
  const run = await runBin([...good(), ...more], { environment: { TZ: 'Pacific/Auckland' } });
  expect([run.status, run.stderr]).toEqual([0, '']);
  expect(run.stdout).toMatch(/^2026-01-12 to 2026-01-12 \(1 day\), as of 2026-01-12T23:30:00Z\n/);
  expect(await folder.read('out/usage.json')).toContain('"ageKnownSince": "2026-01-12T00:00:00Z"');
});

describe('a number of days', () => {
  test.each([
    ['1', 1],
    ['90', 90],
    ['3650', 3650],
    ['007', 7],
  ])('%j', (text, days) => {
    expect(parseDays(text)).toBe(days);
  });

  test.each(['0', '3651', '99999', '-1', '1.5', '1e2', '0x10', '', ' 7', '7d', '٣'])('%j is refused', (text) => {
    expect(() => parseDays(text)).toThrow(/whole number of days from 1 to 3650/);
  });
});
