import type { Random } from '../../oracle/random.ts';

const NUMBERS = [
  ...['0', '1', '00', '007', '255', '256', '65535', '65536', '4294967296', '253402300799', '253402300800'],
  ...['9007199254740991', '9007199254740992', '9007199254740993', '9999999999999999', '10000000000000000'],
  ...['0000000000000022', '00000000000000022', '-', '-1', '+1', '1.0', '1e3', '0x1f', '\xb2', '1_0', '1/', ':1', 'NaN'],
];
const ADDRESSES = [
  ...[
    '0.0.0.0',
    '255.255.255.255',
    '10.0.0.256',
    '10.0.0',
    '10.0.0.1.2',
    '10..0.1',
    '.10.0.0.1',
    '10.0.0.1.',
    '010.0.0.1',
  ],
  ...['00.0.0.0', '0x0a.0.0.1', '167772161', '10.1', '1.2.3.4/32', '::', '::1', '1::', '::ffff:1.2.3.4', '::1.2.3.4.5'],
  ...[
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1::3:4:5:6:7:8',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7',
  ],
  ...['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '1::2::3', ':::', ':', '1:', ':1', '12345::', '00001::', 'g::', '::-1'],
  ...['fe80::1%eth0', '[::1]', '1:2:3:4:5:6:7:1.2.3.4', '::1.2.3.04', '1.2.3.4::', 'FFFF::ABCD', '-', 'localhost'],
];
const WORDS = ['-', 'ACCEPT', 'REJECT', 'accept', 'ACCEPTED', 'OK', 'NODATA', 'SKIPDATA', 'NODAT', 'x', '\xe9', '2'];
const BLANKS = [' ', '  ', '\t', ' \t ', '\0', '\r '];
const BYTES = ['0', '9', '/', ':', '.', '-', 'A', 'g', '\0', ' ', '\t', '\r', '\x7f', '\x80', '\xa0', '\xff'];

/** A line of the default format, as AWS would write it or spoiled in one place or in several. */
export function randomLine(random: Random): string {
  const fields = validFields(random);
  const spoils = random.weighted({ none: 5, one: 4, some: 1 });
  const times = { none: 0, one: 1, some: random.between(2, 4) }[spoils];
  const pool = [NUMBERS, NUMBERS, ADDRESSES, WORDS];
  for (let i = 0; i < times; i++) {
    const at = random.between(0, fields.length - 1);
    switch (random.weighted({ value: 6, fitting: 6, byte: 3, lost: 1, twice: 1 })) {
      case 'value':
        fields[at] = random.pick(random.pick(pool));
        break;
      case 'fitting': {
        const place = random.between(3, 13);
        fields.splice(place, 1, random.pick(place < 5 ? ADDRESSES : place < 12 ? NUMBERS : WORDS));
        break;
      }
      case 'byte': {
        const text = fields[at]!;
        const cut = random.between(0, text.length - 1);
        fields[at] = text.slice(0, cut) + random.pick(BYTES) + text.slice(cut + 1);
        break;
      }
      case 'lost':
        fields.splice(at, 1);
        break;
      case 'twice':
        fields.splice(at, 0, fields[at]!);
        break;
    }
  }
  const blank = random.chance(0.9) ? ' ' : random.pick(BLANKS);
  return random.chance(0.02)
    ? random.pick(['', ' ', '\r', '\t \0'])
    : fields.join(blank) + random.pick(['', '', '', '\r', ' ']);
}

function validFields(random: Random): string[] {
  const six = random.chance(0.3);
  const protocol = random.pick([6, 6, 6, 17, 17, 1, 58, 47, 0, 255]);
  const portless = protocol !== 6 && protocol !== 17;
  const port = (): string => (portless ? random.pick(['0', '-']) : String(random.between(0, 65_535)));
  const address = (): string => {
    if (!six) return Array.from({ length: 4 }, () => random.between(0, 255)).join('.');
    const groups = Array.from({ length: 8 }, () => random.between(0, random.pick([0, 15, 65_535])).toString(16));
    const from = random.between(0, 7);
    const gap = groups.slice(0, from).join(':') + '::' + groups.slice(from + random.between(1, 7)).join(':');
    return random.chance(0.5) ? gap : groups.join(':');
  };
  const action = random.pick(['ACCEPT', 'ACCEPT', 'REJECT']);
  const size = (most: number): string =>
    action === 'REJECT' && random.chance(0.2) ? '-' : String(random.between(0, most));
  const start = random.between(1_400_000_000, 1_800_000_000);
  const window = [String(start), String(start + random.between(0, 600))];
  const head = ['2', '123456789012', random.chance(0.02) ? '-' : `eni-${random.between(0, 999)}`];
  if (random.chance(0.05))
    return [...head, ...Array.from('-------'), ...window, '-', random.pick(['NODATA', 'SKIPDATA'])];
  return [
    ...head,
    address(),
    address(),
    port(),
    port(),
    String(protocol),
    size(1e6),
    size(1e12),
    ...window,
    action,
    'OK',
  ];
}
