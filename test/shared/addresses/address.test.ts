import { describe, expect, test } from '@jest/globals';
import {
  absentAddress,
  bitsOf,
  copyAddress,
  formatAddress,
  formatPrefix,
  hostPrefix,
  maskAddress,
  parseAddress,
  parseAddressBytes,
  parseAddressInto,
  parsePrefix,
  prefixContains,
  sameAddress,
} from '../../../shared/addresses/address.ts';

const address = (text: string) => {
  const found = parseAddress(text);
  if (!found) throw new Error(`${text} is not an address`);
  return found;
};
const prefix = (text: string) => {
  const found = parsePrefix(text);
  if (!found) throw new Error(`${text} is no prefix`);
  return found;
};

describe('an address is four words, the most significant first', () => {
  test.each<[text: string, family: 4 | 6, words: [number, number, number, number]]>([
    ['0.0.0.0', 4, [0, 0, 0, 0]],
    ['1.2.3.4', 4, [0x01020304, 0, 0, 0]],
    ['127.255.255.255', 4, [0x7fffffff, 0, 0, 0]],
    ['128.0.0.0', 4, [-0x80000000, 0, 0, 0]],
    ['255.255.255.255', 4, [-1, 0, 0, 0]],
    ['::', 6, [0, 0, 0, 0]],
    ['::1', 6, [0, 0, 0, 1]],
    ['1:2:3:4:5:6:7:8', 6, [0x10002, 0x30004, 0x50006, 0x70008]],
    ['8000::ffff', 6, [-0x80000000, 0, 0, 0xffff]],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 6, [-1, -1, -1, -1]],
    ['::ffff:1.2.3.4', 6, [0, 0, 0xffff, 0x01020304]],
    ['1:2:3:4:5:6:255.254.253.252', 6, [0x10002, 0x30004, 0x50006, -0x10204]],
  ])('%s', (text, family, [w0, w1, w2, w3]) => {
    const expected = { family, w0, w1, w2, w3 };
    expect(parseAddress(text)).toEqual(expected);
    const used = { family: 6 as const, w0: 9, w1: 9, w2: 9, w3: 9 };
    expect(parseAddressInto(text, used)).toBe(true);
    expect(used).toEqual(expected);
  });
});

describe('read and written again', () => {
  test.each<[text: string, canonical: string, why: string]>([
    ['10.0.0.1', '10.0.0.1', 'IPv4'],
    ['200.100.0.255', '200.100.0.255', 'bytes above 127'],
    ['2001:DB8::AbCd', '2001:db8::abcd', 'lower case'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1', 'leading zeros and the run of zeros go'],
    ['0:0:0:0:0:0:0:0', '::', 'all zero'],
    ['0:0:0:0:0:0:0:1', '::1', 'zeros in front'],
    ['1:0:0:0:0:0:0:0', '1::', 'zeros at the end'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3', 'the longest run'],
    ['1:0:0:0:2:0:0:3', '1::2:0:0:3', 'also when it comes first'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4', 'the first of equals'],
    ['0:0:1:2:3:4:0:0', '::1:2:3:4:0:0', 'the first of equals, at the ends'],
    ['1:2:3:0:5:6:7:8', '1:2:3:0:5:6:7:8', 'one zero group stays'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0', 'also at the end'],
    ['0:2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', 'also in front'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 'even if it was abbreviated'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', 'here too'],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8', 'and here'],
    ['1:2:3:4:5:6::', '1:2:3:4:5:6::', 'two groups at the end'],
    ['::ffff:10.0.0.1', '::ffff:a00:1', 'an IPv4 tail'],
    ['::10.0.0.1', '::a00:1', 'the same, without the mark'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 'an address of NAT64'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304', 'a tail behind six groups'],
    ['1:2:3:4:5::1.2.3.4', '1:2:3:4:5:0:102:304', 'a tail behind five and the gap'],
    ['::1:2:3:4:5:1.2.3.4', '0:1:2:3:4:5:102:304', 'the gap in front'],
  ])('%s → %s (%s)', (text, canonical) => {
    expect(formatAddress(address(text))).toBe(canonical);
    expect(address(canonical)).toEqual(address(text));
  });
});

const NO_ADDRESS: [text: string, why: string][] = [
  ['', 'nothing'],
  ['-', 'absent in a flow log'],
  ['localhost', 'a name'],
  ['1.2.3', 'three parts'],
  ['1.2.3.4.5', 'five'],
  ['1', 'one number'],
  ['16909060', 'one number, in range'],
  ['0x1020304', 'the same in hexadecimal'],
  ['1.2.772', 'the last part filling the rest'],
  ['01.2.3.4', 'a leading zero: octal to some'],
  ['1.2.3.04', 'the same at the end'],
  ['1.2.00.4', 'two zeros'],
  ['1.2.3.000', 'three'],
  ['0x1.2.3.4', 'hexadecimal'],
  ['1.2.3.256', 'out of range'],
  ['256.0.0.1', 'out of range in front'],
  ['1.2.3.999', 'far out of range'],
  ['1.2.3.1000', 'four digits'],
  ['1.2.3.-4', 'a sign'],
  ['1.2.3.', 'an empty part at the end'],
  ['.1.2.3', 'in front'],
  ['1..2.3', 'between'],
  ['.1.2.3.4', 'a dot in front'],
  ['1.2.3.4.', 'a dot at the end'],
  ['...', 'dots alone'],
  ['.......', 'as many as are enough bytes'],
  ['1.2.3.4 ', 'a blank behind'],
  [' 1.2.3.4', 'a blank before'],
  ['1,2,3,4', 'commas'],
  ['1.2.3.4/32', 'a block'],
  ['1.2.3.4:80', 'with a port'],
  ['1.2.3.a', 'a letter'],
  ['1.2.3./', 'the byte before 0'],
  ['1.2.3.:', 'the byte behind 9'],
  ['１.2.3.4', 'a digit of full width'],
  ['1.2.3.٤', 'an Arabic digit'],
  ['1.2.3.\u0134', 'a character whose low byte is a digit'],
  ['\u013a:1', 'or a colon'],
  [':', 'half of the gap'],
  [':::', 'a colon too many'],
  ['::::', 'two'],
  ['1:', 'an end missing'],
  [':1', 'a beginning missing'],
  ['1:2:3:4:5:6:7', 'seven groups'],
  ['1:2:3:4:5:6:7:8:9', 'nine'],
  ['1:2:3:4:5:6:7:8:', 'a colon at the end'],
  [':1:2:3:4:5:6:7:8', 'in front'],
  ['1:2:3:4:5:6:7:8::', 'a gap for nothing'],
  ['::1:2:3:4:5:6:7:8', 'the same in front'],
  ['1:2:3:4::5:6:7:8', 'the same between'],
  ['1::2::3', 'two gaps'],
  ['::1::', 'at both ends'],
  ['1:::2', 'three colons'],
  ['00001::', 'five digits'],
  ['::10000', 'five digits at the end'],
  ['12345678901234567890::', 'many'],
  ['::g', 'a letter too far'],
  ['::@', 'the byte before A'],
  ['::`', 'the byte before a'],
  ['::G', 'the byte behind F'],
  ['::-1', 'a sign'],
  ['::1%eth0', 'a zone'],
  ['fe80::1%1', 'a zone by number'],
  ['[::1]', 'as in a URL'],
  ['::1/128', 'a block'],
  ['::1 ', 'a blank behind'],
  ['::1.2.3', 'a short tail'],
  ['::1.2.3.4.5', 'a long one'],
  ['::1.2.3.04', 'a tail with a leading zero'],
  ['::1.2.3.256', 'a tail out of range'],
  ['::1.2.3.a', 'a tail with a letter'],
  ['::ab.2.3.4', 'a tail in hexadecimal'],
  ['1.2.3.4::', 'the tail in front'],
  ['1.2::3', 'the gap inside the tail'],
  ['::1.2.3.4:5', 'a group behind the tail'],
  ['1:2:3:4:5:6:7:1.2.3.4', 'a tail where one group is left'],
  ['1:2:3:4:5:6::1.2.3.4', 'a tail, and a gap for nothing'],
  ['1:2:3:4:5:1.2.3.4', 'a tail behind five groups'],
  ['::ffff:1.2.3.4%1', 'a tail with a zone'],
  ['0'.repeat(46), 'long'],
  [`${'0'.repeat(40)}::1.2`, 'longer than any address'],
];

describe('no address', () => {
  test.each(NO_ADDRESS)('%j (%s)', (text) => {
    expect(parseAddress(text)).toBeUndefined();
    expect(parseAddressInto(text, absentAddress())).toBe(false);
    expect(parsePrefix(`${text}/8`)).toBeUndefined();
    const bytes = Buffer.from(text);
    expect(parseAddressBytes(bytes, 0, bytes.length, absentAddress())).toBe(false);
  });

  test('the longest text there is for one is still read', () => {
    const longest = 'abcd:abcd:abcd:abcd:abcd:abcd:123.123.123.123';
    expect(longest).toHaveLength(45);
    expect(formatAddress(address(longest))).toBe('abcd:abcd:abcd:abcd:abcd:abcd:7b7b:7b7b');
  });
});

describe('bytes', () => {
  test('only those from…to are looked at', () => {
    const found = absentAddress();
    for (const text of ['1.2.3.4', '255.255.255.255', '::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1::']) {
      for (const around of ['9', ':', '.', 'f', ' ', '::', '%', '255']) {
        const bytes = Buffer.from(around + text + around);
        expect(parseAddressBytes(bytes, around.length, around.length + text.length, found)).toBe(true);
        expect(found).toEqual(address(text));
      }
    }
    expect(parseAddressBytes(Buffer.from('1.2.3.4:'), 0, 7, found)).toBe(true);
    expect(parseAddressBytes(Buffer.from('1.2.3.4::'), 0, 3, found)).toBe(false);
    expect(parseAddressBytes(Buffer.from('1.2.3.4'), 3, 3, found)).toBe(false);
    expect(parseAddressBytes(Buffer.from('::1'), 0, 1, found)).toBe(false);
  });

  test('a family never shows through the one before', () => {
    const found = absentAddress();
    for (const text of ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '1.2.3.4', '::', '255.255.255.255', '1::']) {
      expect(parseAddressInto(text, found)).toBe(true);
      expect(found).toEqual(address(text));
    }
  });
});

describe('prefixes', () => {
  test.each<[text: string, canonical: string, why: string]>([
    ['0.0.0.0/0', '0.0.0.0/0', 'all of IPv4'],
    ['::/0', '::/0', 'all of IPv6'],
    ['10.1.2.3/8', '10.0.0.0/8', 'host bits go'],
    ['255.255.255.255/0', '0.0.0.0/0', 'all of them'],
    ['255.255.255.255/1', '128.0.0.0/1', 'the sign bit stays'],
    ['255.255.255.255/31', '255.255.255.254/31', 'the last bit goes'],
    ['10.1.2.3/32', '10.1.2.3/32', 'a host'],
    ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::/64', 'at the border of two words'],
    ['2001:db8:1:2:3:4:5:6/65', '2001:db8:1:2::/65', 'behind it'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/63', 'ffff:ffff:ffff:fffe::/63', 'before it'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/97', 'ffff:ffff:ffff:ffff:ffff:ffff:8000:0/97', 'in the last word'],
    ['ffff::1/32', 'ffff::/32', 'the first word alone'],
    ['2001:db8::1/128', '2001:db8::1/128', 'a host'],
    ['::ffff:10.0.0.1/104', '::ffff:a00:0/104', 'IPv4-mapped is IPv6'],
  ])('%s is %s (%s)', (text, canonical) => {
    expect(formatPrefix(prefix(text))).toBe(canonical);
    expect(prefix(canonical)).toEqual(prefix(text));
  });

  test.each<[text: string, why: string]>([
    ['10.0.0.0', 'no length'],
    ['10.0.0.0/', 'an empty one'],
    ['10.0.0.0/33', 'too long for IPv4'],
    ['::/129', 'too long for IPv6'],
    ['::/1280', 'four digits'],
    ['10.0.0.0/-1', 'negative'],
    ['10.0.0.0/+8', 'a sign'],
    ['10.0.0.0/08', 'a leading zero'],
    ['10.0.0.0/00', 'two zeros'],
    ['10.0.0.0/8.0', 'a fraction'],
    ['10.0.0.0/8 ', 'a blank'],
    ['10.0.0.0/ 8', 'a blank before'],
    ['10.0.0.0/8\n', 'a line feed'],
    ['10.0.0.0/1e1', 'an exponent'],
    ['10.0.0.0/255.0.0.0', 'a mask'],
    ['10.0.0.0/8/8', 'two lengths'],
    ['/8', 'no address'],
    ['10.0.0/8', 'a short address'],
    ['fe80::1%1/64', 'a zone'],
    ['', 'nothing'],
  ])('%j is none (%s)', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  test.each<[block: string, inside: string[], outside: string[]]>([
    ['0.0.0.0/0', ['0.0.0.0', '127.255.255.255', '128.0.0.0', '255.255.255.255'], ['::', '::ffff:1.2.3.4']],
    ['::/0', ['::', '::ffff:1.2.3.4', 'ffff::'], ['0.0.0.0', '1.2.3.4']],
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
    ['128.0.0.0/1', ['128.0.0.0', '255.255.255.255'], ['127.255.255.255', '0.0.0.0']],
    ['10.0.0.4/31', ['10.0.0.4', '10.0.0.5'], ['10.0.0.3', '10.0.0.6']],
    ['10.0.0.4/32', ['10.0.0.4'], ['10.0.0.5', 'a00:4::', '::a00:4']],
    ['2001:db8::/32', ['2001:db8::', '2001:db8:ffff::ffff'], ['2001:db7:ffff::', '2001:db9::']],
    ['2001:db8:0:1::/64', ['2001:db8:0:1:ffff::'], ['2001:db8:0:2::', '2001:db8::ffff:0:0:0']],
    ['8000::/1', ['8000::', 'ffff::'], ['7fff:ffff::', '::']],
    ['::1/128', ['::1'], ['::', '::2', '0.0.0.1', '1::1']],
    ['::ffff:0:0/96', ['::ffff:10.0.0.1'], ['10.0.0.1', '::fffe:10.0.0.1']],
  ])('%s holds %j and not %j', (block, inside, outside) => {
    expect(inside.filter((text) => !prefixContains(prefix(block), address(text)))).toEqual([]);
    expect(outside.filter((text) => prefixContains(prefix(block), address(text)))).toEqual([]);
    expect(prefixContains(prefix(block), absentAddress())).toBe(false);
  });

  test('of one host', () => {
    expect(formatPrefix(hostPrefix(address('10.0.0.1')))).toBe('10.0.0.1/32');
    expect(formatPrefix(hostPrefix(address('::1')))).toBe('::1/128');
    const own = address('10.0.0.1');
    const host = hostPrefix(own);
    own.w0 = 0;
    expect(formatPrefix(host)).toBe('10.0.0.1/32');
  });

  test('bits of the families', () => {
    expect([bitsOf(4), bitsOf(6)]).toEqual([32, 128]);
  });
});

describe('the same address', () => {
  const one = { family: 6, w0: 1, w1: 2, w2: 3, w3: 4 } as const;
  test.each<[part: string, other: object, same: boolean]>([
    ['in all parts', {}, true],
    ['but for the family', { family: 4 }, false],
    ['but for the first word', { w0: 9 }, false],
    ['but for the second', { w1: 9 }, false],
    ['but for the third', { w2: 9 }, false],
    ['but for the last', { w3: 9 }, false],
  ])('%s', (_part, other, same) => {
    expect(sameAddress(one, { ...one, ...other })).toBe(same);
    const copy = absentAddress();
    copyAddress(copy, { ...one, ...other });
    expect(copy).toEqual({ ...one, ...other });
  });

  test('masking leaves its argument alone', () => {
    const own = address('255.255.255.255');
    expect(formatAddress(maskAddress(own, 8))).toBe('255.0.0.0');
    expect(formatAddress(own)).toBe('255.255.255.255');
  });
});
