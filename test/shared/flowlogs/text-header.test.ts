import { describe, expect, test } from '@jest/globals';
import { NEEDED_FIELDS } from '../../../shared/flowlogs/fields.ts';
import { readLines } from './outcome.ts';

const DEFAULT =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINE = '2 123456789012 eni-1 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK';
const READ = 'eni-1 ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160';

/** The needed fields, each with the value of LINE. */
const VALUES: Record<(typeof NEEDED_FIELDS)[number], string> = {
  'interface-id': 'eni-1',
  srcaddr: '10.0.0.1',
  dstaddr: '10.0.0.2',
  srcport: '40000',
  dstport: '22',
  protocol: '6',
  packets: '9',
  bytes: '900',
  start: '100',
  end: '160',
  action: 'ACCEPT',
};
const names = Object.keys(VALUES);
const values = Object.values(VALUES);
const header = names.join(' ');
const line = values.join(' ');

describe('columns go by the header', () => {
  const reversed = `${names.toReversed().join(' ')}\n${values.toReversed().join(' ')}\n`;
  const swapped = header
    .replace('srcaddr dstaddr srcport dstport', 'dstaddr srcaddr dstport srcport')
    .replace('packets bytes start end', 'bytes packets end start');
  const back = 'eni-1 ACCEPT 6 10.0.0.2:22 > 10.0.0.1:40000 900p 9b 160..100';

  test.each<[why: string, text: string, records: string[]]>([
    ['the default format, with its header', `${DEFAULT}\n${LINE}\n`, [READ]],
    ['the default format without a header', `${LINE}\n`, [READ]],
    ['the needed fields alone', `${header}\n${line}\n`, [READ]],
    ['the same in reverse', reversed, [READ]],
    ['a header that repeats is not a record', `${header}\n${line}\n${header}\n${line}\n`, [READ, READ]],
    ['one in another order holds from there on', `${header}\n${line}\n${swapped}\n${line}\n`, [READ, back]],
    [
      'so does one after records without a header',
      `${LINE}\n${header}\n${line}\n${DEFAULT}\n${LINE}\n`,
      [READ, READ, READ],
    ],
    [
      'one with fewer or more columns too',
      `${DEFAULT}\n${LINE}\n${header} tcp-flags\n${line} 2\n${header}\n${line}\n`,
      [READ, `${READ} flags=2`, READ],
    ],
    ['unknown columns count for nothing', `new-1 ${header} new-2\n- ${line} x%20y\n`, [READ]],
    [
      'a repeated header may start with one',
      `new ${header}\nx ${line}\nnew ${header}\nx ${line}\nnew ${swapped}\nx ${line}\n`,
      [READ, READ, back],
    ],
    [
      'or with a name that ends in a digit',
      `instance-tag-2 ${header}\nx ${line}\ninstance-tag-2 ${swapped}\nx ${line}\n`,
      [READ, back],
    ],
    ['unused columns may stand twice', `region ${header} region\na ${line} b\n`, [READ]],
    ['a header that repeats at once', `${header}\n${header}\n${line}\n`, [READ]],
    ['a header in the last line', `${LINE}\n${header}`, [READ]],
  ])('%s', (_why, text, records) => {
    expect(readLines(text)).toEqual({ records, malformed: [] });
  });

  test.each<[why: string, text: string]>([
    ['an empty file', ''],
    ['a header alone', `${header}\n`],
    ['a header alone, without its newline', header],
    ['blank lines alone', '\n \r\n\t\n'],
    ['one newline', '\n'],
    ['two headers', `${header}\n${DEFAULT}\n`],
  ])('%s is a flow log without records', (_why, text) => {
    expect(readLines(text)).toEqual({ records: [], malformed: [] });
  });

  test.each<[why: string, text: string]>([
    ['a value that is the name of a field', `instance-tag ${header}\nbytes ${line}\n`],
    ['an id in the first column', `${header}\n${line}\n`],
    ['a zone in the first column', `az-id ${header}\nuse1-az2 ${line}\n`],
    ['a word in the first column', `flow-direction ${header}\negress ${line}\n`],
  ])('%s makes a record no header', (_why, text) => {
    expect(readLines(text)).toMatchObject({ records: [expect.stringContaining(READ)], malformed: [] });
  });

  test('a line of names that is no header of ours is malformed', () => {
    expect(readLines(`${header}\n${line}\nsome words\n${line}\n`)).toEqual({
      records: [READ, READ],
      malformed: ['3: 2 fields instead of 11'],
    });
  });
});

describe('blanks', () => {
  const [first, ...rest] = [header, line].map((text) => text.split(' '));
  const written = (blank: string, end = '\n'): string => [first!, ...rest].map((of) => of.join(blank) + end).join('');

  test.each<[why: string, text: string]>([
    ['runs of blanks', written('    ')],
    ['tabs', written('\t')],
    ['both', written(' \t ')],
    ['CRLF', written(' ', '\r\n')],
    ['blanks before the end of the line', written(' ', ' \t\n')],
    ['blanks before the first field', `  ${header}\n\t${line}\n`],
    ['no newline at the end', `${header}\n${line}`],
    ['a carriage return at the end', `${header}\n${line}\r`],
    ['blank lines between', `\n\n${header}\n\n \n${line}\n\r\n\n`],
    ['other control characters', written('\v\f')],
    ['NUL between the fields of a record', `${header}\n${values.join('\0')}\n`],
  ])('%s', (_why, text) => {
    expect(readLines(text)).toEqual({ records: [READ], malformed: [] });
  });
});

describe('refused', () => {
  test.each(NEEDED_FIELDS)('a header without %s', (field) => {
    const without = names.filter((name) => name !== field).join(' ');
    expect(readLines(`${without}\n${line}\n`)).toEqual({ refused: `not a VPC flow log: no column "${field}"` });
  });

  const many = (count: number): string => Array.from({ length: count }, (_, k) => `new-${k}`).join(' ');
  const NO_HEADER = 'not a VPC flow log: no header, and line';
  const TOO_FEW = 'fields, not the 14 of the default format';
  const BINARY = 'not a VPC flow log: binary data';

  test.each<[why: string, text: string, message: string]>([
    [
      'all missing columns are named',
      'version srcaddr dstaddr protocol packets bytes start end action\n',
      'not a VPC flow log: no column "interface-id", "srcport", "dstport"',
    ],
    [
      'a name with a hyphen is enough of a header',
      'one-more another-one\n',
      `not a VPC flow log: no column ${names.map((name) => `"${name}"`).join(', ')}`,
    ],
    [
      'the log of a transit gateway',
      'account-id tgw-id srcaddr\n',
      'not a VPC flow log, but that of a transit gateway or of Cloud WAN: it has a column "tgw-id"',
    ],
    ['a needed column twice', `${header} srcport\n${line} 1\n`, 'column "srcport" stands twice in the header'],
    ['an optional one twice', `tcp-flags ${header} tcp-flags\n`, 'column "tcp-flags" stands twice in the header'],
    [
      'a header in mid-file that lacks a column',
      `${header}\n${line}\n${header.replace(' bytes', '')}\n${line}\n`,
      'not a VPC flow log: no column "bytes"',
    ],
    [
      'and one of another log',
      `${header}\n${line}\nversion resource-type account-id tgw-id\n`,
      'not a VPC flow log, but that of a transit gateway or of Cloud WAN: it has a column "resource-type"',
    ],
    ['300 columns, ours first', `${header} ${many(289)}\n`, 'not a VPC flow log: more than 256 columns'],
    ['300 columns, ours last', `${many(289)} ${header}\n`, 'not a VPC flow log: more than 256 columns'],
    ['257 columns', `${header} ${many(246)}\n`, 'not a VPC flow log: more than 256 columns'],
    ['names in upper case', `${DEFAULT.toUpperCase()} X\n`, `${NO_HEADER} 1 has 15 ${TOO_FEW}`],
    ['names with underscores', `${header.replaceAll('-', '_')}\n`, `${NO_HEADER} 1 has 11 ${TOO_FEW}`],
    ['CSV', `${header.replaceAll(' ', ',')}\n`, `${NO_HEADER} 1 has 1 ${TOO_FEW}`],
    ['a record of no default format', `\n\n${LINE} 2\n`, `${NO_HEADER} 3 has 15 ${TOO_FEW}`],
    ['one field less', LINE.replace(' OK', ''), `${NO_HEADER} 1 has 13 ${TOO_FEW}`],
    ['300 values', '1 '.repeat(300), `${NO_HEADER} 1 has more than 256 ${TOO_FEW}`],
    ['JSON', '{\n  "a": 1\n}\n', `${NO_HEADER} 1 has 1 ${TOO_FEW}`],
    ['half a byte order mark', `\xef\xbb${header}\n`, BINARY],
    ['UTF-16', Buffer.from(`${header}\n`, 'utf16le').toString('latin1'), BINARY],
    ['an image', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', BINARY],
    ['an archive', 'PK\x03\x04\x14\0\x08\x08\x08\0\x93z', BINARY],
    ['a Parquet file', 'PAR1\x15\x04\x15\x10\x15\x14L\x15\x02', BINARY],
    ['NUL in the header', header.replace('-', '\0'), BINARY],
    ['a name in another script', header.replace('action', 'a\xe7tion'), BINARY],
  ])('%s', (_why, text, message) => {
    expect(readLines(text)).toEqual({ refused: message });
  });

  test('in mid-file, 300 columns are a malformed line', () => {
    expect(readLines(`${header}\n${header} ${many(289)}\n${line} ${'- '.repeat(289)}\n${line}\n`)).toEqual({
      records: [READ],
      malformed: ['2: more than 256 fields instead of 11', '3: more than 256 fields instead of 11'],
    });
  });

  test('256 columns are not too many', () => {
    const extra = 256 - names.length;
    expect(readLines(`${header} ${many(extra)}\n${line} ${'- '.repeat(extra)}\n`)).toEqual({
      records: [READ],
      malformed: [],
    });
  });
});
