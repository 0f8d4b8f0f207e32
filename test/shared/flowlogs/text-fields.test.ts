import { describe, expect, test } from '@jest/globals';
import { readLines, type Outcome } from './outcome.ts';

const FIELDS = {
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
  'log-status': 'OK',
  'flow-direction': 'ingress',
  'tcp-flags': '2',
  'pkt-srcaddr': '10.0.0.3',
  'pkt-dstaddr': '10.0.0.4',
  'reject-reason': '-',
  'vpc-id': 'vpc-1',
  'resource-id': '-',
};
const WIDTH = Object.keys(FIELDS).length;
const READ =
  'eni-1 ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160 ingress flags=2 packet=10.0.0.3>10.0.0.4 vpc-1';

/** Reads one record with the changes, given as `field=value field=value`, between two that are as they should be. */
function readChanged(changes: string): Outcome {
  const fields: Record<string, string> = { ...FIELDS };
  for (const change of changes.split(' ').filter((text) => text !== '')) {
    const [field, value] = change.split('=') as [string, string];
    if (!(field in FIELDS)) throw new Error(`no field ${field}`);
    fields[field] = value;
  }
  const lines = [Object.keys(FIELDS), Object.values(FIELDS), Object.values(fields), Object.values(FIELDS)];
  return readLines(lines.map((line) => `${line.join(' ')}\n`).join(''));
}

describe('a value is read', () => {
  test.each<[changes: string, instead: Record<string, string>, why: string]>([
    ['', {}, 'all as it should be'],
    ['srcport=0', { '10.0.0.1:40000': '10.0.0.1:0' }, 'port 0 is a port'],
    ['dstport=65535', { ':22': ':65535' }, 'the last port'],
    ['dstport=00080', { ':22': ':80' }, 'zeros in front change no number'],
    ['srcport=0000000000000001', { ':40000': ':1' }, 'not even fifteen of them'],
    ['protocol=0', { 'ACCEPT 6': 'ACCEPT 0' }, 'the first protocol'],
    ['protocol=255', { 'ACCEPT 6': 'ACCEPT 255' }, 'the last one'],
    ['packets=0 bytes=0', { '9p 900b': '0p 0b' }, 'none at all'],
    ['packets=9007199254740991', { '9p': '9007199254740991p' }, 'the last number JavaScript tells from the next'],
    ['bytes=9007199254740991', { '900b': '9007199254740991b' }, 'the same'],
    ['start=0 end=0', { '100..160': '0..0' }, 'the first second'],
    ['end=253402300799', { '..160': '..253402300799' }, 'the last second of the year 9999'],
    ['start=160 end=100', { '100..160': '160..100' }, 'a window the wrong way round is as AWS says'],
    ['tcp-flags=0', { 'flags=2': 'flags=0' }, 'ACK alone: none of the flags that are told'],
    ['tcp-flags=65535', { 'flags=2': 'flags=65535' }, 'bits not yet invented'],
    ['tcp-flags=-', { ' flags=2': '' }, 'absent'],
    ['tcp-flags=65536', { ' flags=2': '' }, 'one too many: an optional field that cannot be read is absent'],
    ['tcp-flags=SYN', { ' flags=2': '' }, 'so is a name'],
    ['pkt-srcaddr=10.0.0', { '10.0.0.3>': '->' }, 'so is an address that is cut'],
    ['pkt-dstaddr=x', { '>10.0.0.4': '>-' }, 'and one that is none'],
    [`vpc-id=${'v'.repeat(129)}`, { ' vpc-1': '' }, 'and an id that is longer than any'],
    [`vpc-id=${'v'.repeat(128)}`, { 'vpc-1': 'v'.repeat(128) }, 'one as long as any is an id'],
    ['action=REJECT', { ACCEPT: 'REJECT' }, 'a rejection'],
    ['log-status=-', {}, 'not told: a record'],
    ['log-status=BROKEN', {}, 'a status not yet invented is a record'],
    ['log-status=NODATA2', {}, 'a longer word is not NODATA'],
    ['log-status=skipdata', {}, 'case counts'],
    ['flow-direction=egress', { ingress: 'egress' }, 'the other direction'],
    ['flow-direction=-', { ' ingress': '' }, 'absent'],
    ['flow-direction=sideways', { ' ingress': '' }, 'no word of AWS: absent'],
    ['flow-direction=INGRESS', { ' ingress': '' }, 'case counts'],
    ['flow-direction=ingres', { ' ingress': '' }, 'the beginning of a word'],
    ['flow-direction=ingresses', { ' ingress': '' }, 'more behind it'],
    ['interface-id=-', { 'eni-1': '-' }, 'a regional NAT gateway has no interface'],
    ['interface-id=--', { 'eni-1': '--' }, 'two dashes are a name'],
    ['interface-id=eni-\xe9\xff\x80', { 'eni-1': 'eni-\xe9\xff\x80' }, 'bytes beyond ASCII, one character each'],
    ['vpc-id=-', { ' vpc-1': '' }, 'absent'],
    ['pkt-srcaddr=-', { '10.0.0.3>': '->' }, 'one packet address absent'],
    ['pkt-dstaddr=-', { '>10.0.0.4': '>-' }, 'the other'],
    ['pkt-srcaddr=- pkt-dstaddr=-', { ' packet=10.0.0.3>10.0.0.4': '' }, 'both'],
    ['srcaddr=0.0.0.0', { '10.0.0.1:': '0.0.0.0:' }, 'the first address'],
    ['dstaddr=255.255.255.255', { '10.0.0.2:': '255.255.255.255:' }, 'the last one'],
    ['srcaddr=::', { '10.0.0.1:': '[::]:' }, 'the first of IPv6'],
    ['srcaddr=2001:DB8::A', { '10.0.0.1:': '[2001:db8::a]:' }, 'IPv6 in upper case'],
    ['srcaddr=::ffff:10.0.0.9', { '10.0.0.1:': '[::ffff:a00:9]:' }, 'IPv4-mapped is IPv6: families never mix'],
    ['pkt-dstaddr=fe80::1', { '>10.0.0.4': '>fe80::1' }, 'families may differ between the fields'],
    ['action=REJECT reject-reason=BPA', { ACCEPT: 'REJECT', ' vpc-1': ' reason=BPA vpc-1' }, 'no decision of a group'],
    ['action=REJECT packets=- bytes=-', { ACCEPT: 'REJECT', '9p 900b': '0p 0b' }, 'a REJECT without its size'],
    ['protocol=1 srcport=- dstport=-', { 'ACCEPT 6': 'ACCEPT 1', ':40000': ':0', ':22': ':0' }, 'ICMP without ports'],
    ['interface-id=- resource-id=nat-1', { 'eni-1': '-', 'vpc-1': 'vpc-1 resource=nat-1' }, 'what has no interface'],
    ['resource-id=eni-1', {}, 'what has one is known by that'],
    ['protocol=132', { 'ACCEPT 6': 'ACCEPT 132' }, 'SCTP with ports: what is told is read'],
  ])('%s: %j (%s)', (changes, instead) => {
    let changed = READ;
    for (const [from, to] of Object.entries(instead)) {
      expect(changed).toContain(from);
      changed = changed.replace(from, to);
    }
    expect(readChanged(changes)).toEqual({ records: [READ, changed, READ], malformed: [] });
  });

  test.each<[changes: string, read: string, why: string]>([
    ['log-status=NODATA', 'eni-1 NODATA 100..160 vpc-1', 'no traffic'],
    ['log-status=SKIPDATA', 'eni-1 SKIPDATA 100..160 vpc-1', 'a gap'],
    [
      'log-status=NODATA srcaddr=- dstaddr=- srcport=- dstport=- protocol=- packets=- bytes=- action=- vpc-id=-',
      'eni-1 NODATA 100..160',
      'as AWS writes it',
    ],
    ['log-status=NODATA start=-', 'eni-1 NODATA 160..160 vpc-1', 'a window of which only the end is told'],
    [
      'log-status=SKIPDATA interface-id=- srcaddr=x protocol=x action=x',
      '- SKIPDATA 100..160 vpc-1',
      'the rest is not read',
    ],
  ])('%s → %s (%s)', (changes, read) => {
    expect(readChanged(changes)).toEqual({ records: [READ, read, READ], malformed: [] });
  });
});

describe('a value makes the line malformed', () => {
  test.each<[changes: string, reason: string, why: string]>([
    ['srcport=65536', 'srcport "65536" is out of range (0 to 65535)', 'one too many'],
    ['dstport=65536', 'dstport "65536" is out of range (0 to 65535)', 'here too'],
    ['protocol=256', 'protocol "256" is out of range (0 to 255)', 'one too many'],
    ['start=253402300800', 'start "253402300800" is out of range (0 to 253402300799)', 'the year 10000'],
    ['end=253402300800', 'end "253402300800" is out of range (0 to 253402300799)', 'the year 10000'],
    ['end=1767225600000', 'end "1767225600000" is out of range (0 to 253402300799)', 'milliseconds'],
    ['packets=9007199254740992', 'packets "9007199254740992" is out of range (0 to 9007199254740991)', '2^53'],
    ['bytes=9007199254740993', 'bytes "9007199254740993" is out of range (0 to 9007199254740991)', 'rounds to even'],
    ['bytes=9999999999999999', 'bytes "9999999999999999" is out of range (0 to 9007199254740991)', '16 digits'],
    ['bytes=00000000000000001', 'bytes "00000000000000001" is out of range (0 to 9007199254740991)', '17 digits'],
    ['bytes=18446744073709551616', 'bytes "18446744073709551616" is out of range (0 to 9007199254740991)', '2^64'],
    ['srcport=-1', 'srcport "-1" is not a number', 'negative'],
    ['srcport=+1', 'srcport "+1" is not a number', 'with a sign'],
    ['packets=1.5', 'packets "1.5" is not a number', 'a fraction'],
    ['packets=1.0', 'packets "1.0" is not a number', 'whole, but written as a fraction'],
    ['bytes=1e3', 'bytes "1e3" is not a number', 'an exponent'],
    ['bytes=0x10', 'bytes "0x10" is not a number', 'hexadecimal'],
    ['bytes=1,000', 'bytes "1,000" is not a number', 'thousands'],
    ['bytes=1_000', 'bytes "1_000" is not a number', 'thousands as a programmer writes them'],
    ['bytes=1/', 'bytes "1/" is not a number', 'the character before the digits'],
    ['bytes=1:', 'bytes "1:" is not a number', 'the character behind the digits'],
    ['bytes=\xb2', 'bytes "²" is not a number', 'a digit to the eye'],
    ['end=NaN', 'end "NaN" is not a number', 'what a program wrote'],
    ['protocol=tcp', 'protocol "tcp" is not a number', 'a name'],
    ['packets=-', 'packets "-" is not a number', 'an ACCEPT has a size'],
    ['bytes=-', 'bytes "-" is not a number', 'an ACCEPT has a size'],
    ['action=REJECT bytes=x', 'bytes "x" is not a number', 'a REJECT may lack its size, not more'],
    ['srcport=-', 'srcport "-" is not a number', 'TCP has ports'],
    ['protocol=17 dstport=-', 'dstport "-" is not a number', 'UDP has ports'],
    ['protocol=1 dstport=x', 'dstport "x" is not a number', 'ICMP may lack them, not more'],
    ['protocol=-', 'protocol "-" is not a number', 'needed'],
    ['start=-', 'start "-" is not a number', 'needed'],
    ['end=-', 'end "-" is not a number', 'needed'],
    [
      'log-status=NODATA end=-',
      'end "-" is not a number',
      'also of an empty window, in a file whose name tells no day',
    ],
    ['action=-', 'action "-" is neither ACCEPT nor REJECT', 'needed'],
    ['action=accept', 'action "accept" is neither ACCEPT nor REJECT', 'case counts'],
    ['action=ACCEPTED', 'action "ACCEPTED" is neither ACCEPT nor REJECT', 'more behind it'],
    ['action=REJEC', 'action "REJEC" is neither ACCEPT nor REJECT', 'cut'],
    ['action=DROP', 'action "DROP" is neither ACCEPT nor REJECT', 'another firewall'],
    ['srcaddr=-', 'srcaddr "-" is not an address', 'needed'],
    ['dstaddr=-', 'dstaddr "-" is not an address', 'needed'],
    ['srcaddr=010.0.0.1', 'srcaddr "010.0.0.1" is not an address', 'octal to some, decimal to others'],
    ['srcaddr=0x0a.0.0.1', 'srcaddr "0x0a.0.0.1" is not an address', 'hexadecimal'],
    ['srcaddr=10.1', 'srcaddr "10.1" is not an address', 'short'],
    ['srcaddr=167772161', 'srcaddr "167772161" is not an address', 'one number'],
    ['srcaddr=10.0.0.256', 'srcaddr "10.0.0.256" is not an address', 'out of range'],
    ['srcaddr=10.0.0.1/32', 'srcaddr "10.0.0.1/32" is not an address', 'a block'],
    ['dstaddr=fe80::1%eth0', 'dstaddr "fe80::1%eth0" is not an address', 'a zone'],
    ['dstaddr=[::1]', 'dstaddr "[::1]" is not an address', 'as in a URL'],
    [
      `interface-id=${'e'.repeat(129)}`,
      `interface-id "${'e'.repeat(40)}…" is too long (more than 128 characters)`,
      'longer than any id, and never kept',
    ],
    ['srcport=x dstport=y end=z', 'end "z" is not a number', 'the first reason is told: time comes first,'],
    ['srcport=x dstport=y packets=z', 'srcport "x" is not a number', 'then in the order of the default format'],
    ['start=x end=y', 'start "x" is not a number', 'start before end'],
    [`bytes=${'x'.repeat(99)}`, `bytes "${'x'.repeat(40)}…" is not a number`, 'a long value is cut in the message'],
    ['bytes=\x1b[31m"\\', 'bytes "[31m\\"\\\\" is not a number', 'ESC is a blank; quotes and backslashes are escaped'],
    ['bytes=\x9b31m\x7f', 'bytes "\\u009b31m\\u007f" is not a number', 'control characters do not reach a terminal'],
  ])('%s: %s (%s)', (changes, reason) => {
    expect(readChanged(changes)).toEqual({ records: [READ, READ], malformed: [`3: ${reason}`] });
  });

  test.each<[line: string, count: string]>([
    ['1', '1'],
    ['bogus line', '2'],
    [`${Object.values(FIELDS).join(' ')} 1`, String(WIDTH + 1)],
    [Object.values(FIELDS).slice(1).join(' '), String(WIDTH - 1)],
    ['1 '.repeat(256), '256'],
    ['1 '.repeat(257), 'more than 256'],
    ['1 '.repeat(30_000), 'more than 256'],
  ])('the wrong number of fields: %j', (line, count) => {
    const text = [Object.keys(FIELDS).join(' '), line, Object.values(FIELDS).join(' ')].join('\n');
    expect(readLines(text)).toEqual({ records: [READ], malformed: [`2: ${count} fields instead of ${WIDTH}`] });
  });
});

describe('fields a file does not have', () => {
  test('are absent, whatever a record before them said', () => {
    const needed = Object.keys(FIELDS).slice(0, 11).join(' ');
    const values = Object.values(FIELDS);
    const text = [Object.keys(FIELDS), values, needed.split(' '), values.slice(0, 11)]
      .map((line) => line.join(' '))
      .join('\n');
    expect(readLines(text)).toEqual({
      records: [READ, 'eni-1 ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160'],
      malformed: [],
    });
  });
});
