// Costs about 30 seconds.
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { foldedInDuckDb, type QueryRow } from './folded-in-duckdb.ts';
import { formatOf, layFiles, MIDNIGHT, removeScratchFolders, scratchFolder, type LogFile } from './laid-files.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const FIELDS =
  'interface-id srcaddr srcport dstaddr dstport tcp-flags action end start protocol packets bytes log-status'.split(
    ' ',
  );

/** `eni-1 a:1 b:2 FLAGS ACTION END`: the end in seconds of the day, or as `H:MM`. */
function line(record: string): string {
  const [id, source, destination, flags, action, end] = record.split(/ +/) as [string, ...string[]];
  const ends = [source, destination].flatMap((each) => [`10.0.0.${each!.split(':')[0]}`, each!.split(':')[1]]);
  const [hour, minute] = end!.split(':').map(Number) as [number, number | undefined];
  const time = MIDNIGHT + (minute === undefined ? hour : hour * 3600 + minute * 60);
  return [id, ...ends, FLAGS[flags!] ?? flags, action, time, time - 60, 6, 1, 40, 'OK'].join(' ');
}

const FLAGS: Readonly<Record<string, string>> = { SYN: '2', SYNACK: '18', ACK: '16', none: '-' };

function shown({ srcaddr, srcport, dstaddr, dstport, action, opener, records }: QueryRow): string {
  const end = (address: string | null, port: number): string => `${address!.slice(7)}:${port < 0 ? '*' : port}`;
  return `${opener ?? 'undecided'} ${end(srcaddr, srcport)} ${end(dstaddr, dstport)} ${action} ×${records}`;
}

/** Each list of records in a file of its own. */
async function rowsOf(...files: readonly (readonly string[])[]): Promise<string[]> {
  const laid = files.map((records, i): LogFile => ({
    flowLogId: 'fl-0aaa',
    published: MIDNIGHT + 3600 * i,
    text: [FIELDS.join(' '), ...records.map(line), ''].join('\n'),
  }));
  return (await folded(laid)).map(shown).sort();
}

async function folded(files: readonly LogFile[], lateHours?: number): Promise<QueryRow[]> {
  const root = scratchFolder();
  const format = formatOf(FIELDS, { flowLogIds: ['fl-0aaa'] });
  layFiles(root, format, files);
  return foldedInDuckDb(root, format, { lateHours });
}

afterAll(removeScratchFolders);

describe('who opened a connection', () => {
  it('is told by its SYN in another file, for both halves, and the client’s port is dropped', async () => {
    const rows = await rowsOf(
      ['eni-1 1:5000 2:443 SYN ACCEPT 0:10', 'eni-1 1:5001 2:443 SYN ACCEPT 0:11'],
      ['eni-1 2:443 1:5000 none ACCEPT 0:12', 'eni-1 1:5001 2:443 ACK ACCEPT 0:13', 'eni-1 2:443 1:5001 0 ACCEPT 0:14'],
    );
    expect(rows).toEqual(['reply 2:443 1:* ACCEPT ×2', 'request 1:* 2:443 ACCEPT ×3']);
  });

  it('is told for all hours of the day, and hours stay apart', async () => {
    const rows = await rowsOf(['eni-1 1:5000 2:443 SYN ACCEPT 23:59'], ['eni-1 2:443 1:5000 none ACCEPT 0:00']);
    expect(rows).toEqual(['reply 2:443 1:* ACCEPT ×1', 'request 1:* 2:443 ACCEPT ×1']);
    const hours = await rowsOf(['eni-1 1:5000 2:443 SYN ACCEPT 3599', 'eni-1 1:5000 2:443 SYN ACCEPT 3600']);
    expect(hours).toEqual(['request 1:* 2:443 ACCEPT ×1', 'request 1:* 2:443 ACCEPT ×1']);
  });

  it('is told by SYN and SYN-ACK, and by a SYN that was sent again, alike', async () => {
    const rows = await rowsOf([
      'eni-1 1:5000 2:443 SYN ACCEPT 0:10',
      'eni-1 1:5000 2:443 3 ACCEPT 0:11',
      'eni-1 2:443 1:5000 SYNACK ACCEPT 0:10',
      'eni-1 2:443 1:5000 19 ACCEPT 0:11',
      'eni-1 2:443 1:5000 none ACCEPT 0:12',
    ]);
    expect(rows).toEqual(['reply 2:443 1:* ACCEPT ×3', 'request 1:* 2:443 ACCEPT ×2']);
  });

  it('is left open where SYNs contradict each other, but for records that have one themselves', async () => {
    const rows = await rowsOf([
      'eni-1 1:5000 2:6000 SYN ACCEPT 0:10',
      'eni-1 2:6000 1:5000 SYN ACCEPT 0:10',
      'eni-1 1:5000 2:6000 none ACCEPT 0:11',
      'eni-1 2:6000 1:5000 ACK ACCEPT 0:11',
    ]);
    expect(rows).toEqual([
      'request 1:* 2:6000 ACCEPT ×1',
      'request 2:* 1:5000 ACCEPT ×1',
      'undecided 1:5000 2:6000 ACCEPT ×1',
      'undecided 2:6000 1:5000 ACCEPT ×1',
    ]);
  });

  it('is not told by a SYN that was rejected', async () => {
    const rows = await rowsOf([
      'eni-1 1:5000 2:443 SYN REJECT 0:10',
      'eni-1 1:5000 2:443 none ACCEPT 0:11',
      'eni-1 1:5001 2:443 SYN REJECT 0:12',
    ]);
    expect(rows).toEqual(['undecided 1:* 2:443 REJECT ×2', 'undecided 1:5000 2:443 ACCEPT ×1']);
  });

  it('is told for a connection that was rejected first, and accepted then', async () => {
    const rows = await rowsOf([
      'eni-1 1:5000 2:443 SYN REJECT 0:10',
      'eni-1 1:5000 2:443 SYN ACCEPT 0:11',
      'eni-1 2:443 1:5000 none ACCEPT 0:12',
    ]);
    expect(rows).toEqual(['reply 2:443 1:* ACCEPT ×1', 'request 1:* 2:443 ACCEPT ×1', 'undecided 1:* 2:443 REJECT ×1']);
  });

  it('is not told by other interfaces, other ports, other peers, or the day before', async () => {
    const rows = await rowsOf([
      'eni-2 1:5000 2:443 SYN ACCEPT 0:10',
      'eni-1 1:5001 2:443 SYN ACCEPT 0:10',
      'eni-1 1:5000 3:443 SYN ACCEPT 0:10',
      'eni-1 1:5000 2:443 SYN ACCEPT -1',
      'eni-1 2:443 1:5000 none ACCEPT 0:11',
    ]);
    expect(rows.filter((row) => !row.startsWith('request'))).toEqual(['undecided 2:443 1:5000 ACCEPT ×1']);
  });

  it('is not told where a connection’s two ends are the same', async () => {
    const rows = await rowsOf(['eni-1 1:5000 1:5000 SYN ACCEPT 0:10', 'eni-1 1:5000 1:5000 none ACCEPT 0:11']);
    expect(rows).toEqual(['request 1:* 1:5000 ACCEPT ×1', 'undecided 1:5000 1:5000 ACCEPT ×1']);
  });
});

/** `eni-1 a:1 > b:2 START-END`, UDP or as said; times in seconds after noon. */
async function evidenceOf(records: readonly string[], protocol = 17): Promise<string[]> {
  const noon = MIDNIGHT + 43_200;
  const lines = records.map((record) => {
    const [source, , destination, times, action = 'ACCEPT'] = record.split(' ') as [string, ...string[]];
    const ends = [source, destination!].flatMap((each) => [`10.0.0.${each.split(':')[0]}`, each.split(':')[1]]);
    const [start = 0, end = start] = times!.split('..').map(Number);
    return ['eni-1', ...ends, '-', action, noon + end, noon + start, protocol, 1, 40, 'OK'].join(' ');
  });
  const text = [FIELDS.join(' '), ...lines, ''].join('\n');
  const rows = await folded([{ flowLogId: 'fl-0aaa', published: MIDNIGHT, text }]);
  return rows
    .map(
      ({ srcaddr, srcport, paired, service }) => `${srcaddr!.slice(7)}:${srcport} ${paired ?? '-'} ${service ?? '-'}`,
    )
    .sort();
}

describe('who spoke first over UDP', () => {
  it.each([
    ['an answer in the next second', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 1..1'], ['1:5000 asks -', '2:53 answers -']],
    ['an answer after 30 s', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 30..30'], ['1:5000 asks -', '2:53 answers -']],
    ['too late for an answer', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 31..31'], ['1:5000 asks -', '2:53 - -']],
    ['in the same second nothing tells', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 0..0'], ['1:5000 - -', '2:53 - -']],
    [
      'an answer that lasts 180 s longer',
      ['1:5000 > 2:53 0..60', '2:53 > 1:5000 1..240'],
      ['1:5000 asks -', '2:53 answers -'],
    ],
    [
      'one that lasts longer than an entry lives',
      ['1:5000 > 2:53 0..60', '2:53 > 1:5000 1..241'],
      ['1:5000 asks -', '2:53 - -'],
    ],
    ['180 s after the other half', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 180..180'], ['1:5000 asks -', '2:53 - -']],
    ['181 s after the other half', ['1:5000 > 2:53 0..0', '2:53 > 1:5000 181..181'], ['1:5000 asks -', '2:53 asks -']],
    [
      'another port, another peer',
      ['1:5001 > 2:53 0..0', '3:5000 > 2:53 0..0', '2:53 > 1:5000 1..1'],
      ['1:5001 asks -', '2:53 asks -', '3:5000 asks -'],
    ],
    ['a question that was rejected', ['1:5000 > 2:53 0..0 REJECT', '2:53 > 1:5000 1..1'], ['1:-1 - -', '2:53 asks -']],
    [
      'near midnight nothing is said of questions',
      ['1:5000 > 2:53 -43021..-43021', '1:5001 > 2:53 -43020..-43020'],
      ['1:5000 - -', '1:5001 asks -'],
    ],
    [
      'nor near the end of the day',
      ['1:5000 > 2:53 42600..42600', '1:5001 > 2:53 42601..42601'],
      ['1:5000 asks -', '1:5001 - -'],
    ],
  ])('%s', async (_, records, expected) => {
    expect(await evidenceOf(records)).toEqual(expected);
  });

  it('is not asked of TCP', async () => {
    expect(await evidenceOf(['1:5000 > 2:53 0..0', '2:53 > 1:5000 1..1'], 6)).toEqual(['1:5000 - -', '2:53 - -']);
  });
});

describe('a port that met many', () => {
  const met = (...ports: number[]): string[] => ports.map((port) => `1:${port} > 2:9000 0..60`);
  it('is the service where it met three of one peer, in either half', async () => {
    const rows = await evidenceOf([...met(5000, 5001), '2:9000 > 1:5002 0..60'], 6);
    expect(rows).toEqual(['1:5000 - destination', '1:5001 - destination', '2:9000 - source']);
  });

  it('is none where both ends are of one address', async () => {
    const rows = await evidenceOf(
      [5000, 5001, 5002].map((port) => `1:${port} > 1:9000 0..60`),
      6,
    );
    expect(rows).toEqual(['1:5000 - -', '1:5001 - -', '1:5002 - -']);
  });

  it('is none where it met two, or three of several peers', async () => {
    expect(await evidenceOf(met(5000, 5001, 5001), 6)).toEqual(['1:5000 - -', '1:5001 - -']);
    expect(await evidenceOf([...met(5000, 5001), '3:5002 > 2:9000 0..60'], 6)).toEqual([
      '1:5000 - -',
      '1:5001 - -',
      '3:5002 - -',
    ]);
  });

  it('is none where one that it met did so itself', async () => {
    const rows = await evidenceOf([...met(5000, 5001, 5002), '1:5000 > 2:9001 0..60', '1:5000 > 2:9002 0..60'], 6);
    expect(new Set(rows.map((row) => row.split(' ')[2]))).toEqual(new Set(['-']));
  });

  it('counts no ports of what was rejected', async () => {
    const rows = await evidenceOf([...met(5000, 5001), '1:5002 > 2:9000 0..60 REJECT'], 6);
    expect(rows).toEqual(['1:-1 - -', '1:5000 - -', '1:5001 - -']);
  });
});

it('a SYN is told to have been seen on all rows of its connection, a SYN-ACK alone is none', async () => {
  const rows = await folded([
    {
      flowLogId: 'fl-0aaa',
      published: MIDNIGHT,
      text: [
        FIELDS.join(' '),
        ...['eni-1 1:5000 2:443 SYN ACCEPT 0:10', 'eni-1 2:443 1:5000 SYNACK ACCEPT 0:10'].map(line),
        ...['eni-2 2:443 1:5000 SYNACK ACCEPT 0:10', 'eni-2 2:443 1:5000 none ACCEPT 0:11'].map(line),
      ].join('\n'),
    },
  ]);
  expect(rows.map(({ interface_id, opener, syn_seen }) => `${interface_id} ${opener} ${syn_seen}`).sort()).toEqual([
    'eni-1 reply true',
    'eni-1 request true',
    'eni-2 reply false',
  ]);
});

describe('the day', () => {
  it('is that of the end, from midnight to the second before midnight', async () => {
    const rows = await rowsOf([-1, 0, 86_399, 86_400].map((end, i) => `eni-1 1:${i} 2:443 none ACCEPT ${end}`));
    expect(rows).toEqual(['undecided 1:1 2:443 ACCEPT ×1', 'undecided 1:2 2:443 ACCEPT ×1']);
  });

  it('takes in what was delivered in the first hours of the next, but no malformed line', async () => {
    const file = (published: number, i: number): LogFile => ({
      flowLogId: 'fl-0aaa',
      published: MIDNIGHT + published,
      text: `${line(`eni-1 1:${i} 2:443 none ACCEPT 86399`)}\nmalformed\n`,
    });
    const files = [-60, 0, 86_340, 86_400, 107_940, 108_000].map(file);
    const rows = await folded(files);
    expect(
      rows
        .filter(({ kind }) => kind === 'ok')
        .map(({ srcport }) => srcport)
        .sort(),
    ).toEqual([1, 2, 3, 4]);
    expect(rows.filter(({ kind }) => kind === 'malformed').map(({ records }) => records)).toEqual([1, 1]);
    expect((await folded(files, 7)).filter(({ kind }) => kind === 'ok')).toHaveLength(5);
    expect((await folded(files, 0)).filter(({ kind }) => kind === 'ok')).toHaveLength(2);
  });
});

describe('a line', () => {
  const whole = line('eni-1 1:5000 2:443 SYN ACCEPT 0:10');
  /** The line with another of its 14 fields: the last has no meaning. */
  const changed = (field: number, value: string): string => `${whole} x`.split(' ').with(field, value).join(' ');
  const digits = (count: number): string => '443'.padStart(count, '0');

  it.each([
    ['ok', 'as it is written', `${whole} x`],
    ['ok', 'with two blanks inside', `${whole}  x`],
    ['ok', 'with a blank at its end', `${whole} x `],
    ['ok', 'with a control character for a blank', `${whole}\u0007x`],
    ['ok', 'with a number of 16 digits', changed(4, digits(16))],
    ['malformed', 'with a number of 17 digits', changed(4, digits(17))],
    ['ok', 'of 65,536 characters', `${whole} ${'x'.repeat(65_535 - whole.length)}`],
    ['malformed', 'of 65,537 characters', `${whole} ${'x'.repeat(65_536 - whole.length)}`],
    ['malformed', 'with a field too few', whole],
    ['malformed', 'with a field too many', `${whole} x y`],
    ['header', 'of names, the first of which is known', 'bytes x'],
    ['header', 'of names, srcaddr among them', 'not-known srcaddr'],
    ['malformed', 'of words that no flow log has', 'not known'],
    [undefined, 'of the declared names', [...FIELDS, 'other'].join(' ')],
    [undefined, 'of blanks', ' \t\u0000 '],
  ])('is %s: %s', async (kind, _, text) => {
    const root = scratchFolder();
    const format = formatOf([...FIELDS, 'other'], { flowLogIds: ['fl-0aaa'] });
    layFiles(root, format, [{ flowLogId: 'fl-0aaa', published: MIDNIGHT, text: `${text}\n` }]);
    const rows = await foldedInDuckDb(root, format);
    expect(rows.map((row) => [row.kind, row.records])).toEqual(kind === undefined ? [] : [[kind, 1]]);
  });
});

it('adds up what has no room in 64 bits, and cuts it', async () => {
  const most = String(Number.MAX_SAFE_INTEGER);
  const record = line('eni-1 1:5000 2:443 none ACCEPT 0:10').replace(' 1 40 OK', ` ${most} 40 OK`);
  const text = `${record}\n`.repeat(1100);
  const [row] = await folded([{ flowLogId: 'fl-0aaa', published: MIDNIGHT, text }]);
  expect(row).toMatchObject({ records: 1100, packets: Number(2n ** 63n - 1n), bytes: 44_000 });
});

it('does not read files of flow logs that write in other formats into the same folders', async () => {
  const [own, other] = ['fl-0aaa', 'fl-0bbb'].map((flowLogId): LogFile => ({
    flowLogId,
    published: MIDNIGHT,
    text: `${line('eni-1 1:1 2:443 none ACCEPT 0:10')}\n`,
  }));
  expect((await folded([own!, other!])).map(({ flow_log_id }) => flow_log_id)).toEqual(['fl-0aaa']);
});

describe('two flow logs that write into one folder', () => {
  const text = formatOf(FIELDS, { flowLogIds: ['fl-0aaa'] });
  const record = line('eni-1 1:1 2:443 none ACCEPT 0:10');
  const own: LogFile = { flowLogId: 'fl-0aaa', published: MIDNIGHT, text: `${FIELDS.join(' ')}\n${record}\n` };

  it('are read each by its own order of fields, where both write text', async () => {
    const other = formatOf(FIELDS.toReversed(), { flowLogIds: ['fl-0bbb'] });
    const lines = [other.fields.join(' '), record.split(' ').reverse().join(' '), ''];
    const root = scratchFolder();
    layFiles(root, text, [own]);
    layFiles(root, other, [{ flowLogId: 'fl-0bbb', published: MIDNIGHT, text: lines.join('\n') }]);
    const rows = [...(await foldedInDuckDb(root, text)), ...(await foldedInDuckDb(root, other))];
    expect(rows.map((row) => `${row.flow_log_id!} ${row.kind} ${shown(row)}`)).toEqual([
      'fl-0aaa ok undecided 1:1 2:443 ACCEPT ×1',
      'fl-0bbb ok undecided 1:1 2:443 ACCEPT ×1',
    ]);
  });

  it.each([false, true])(
    'are read where one writes text, and end a query of Parquet beside it, by hour: %p',
    async (perHour) => {
      const parquet = formatOf(FIELDS, { fileFormat: 'parquet', flowLogIds: ['fl-0bbb'], perHour });
      const rows = Array.from({ length: 3 }, (_, i) => {
        const values = line(`eni-1 1:${50_000 + i} 2:443 SYN ACCEPT 0:10`).split(' ');
        return Object.fromEntries(FIELDS.map((field, at) => [field, values[at]!]));
      });
      const root = scratchFolder();
      layFiles(root, text, [own]);
      layFiles(root, parquet, [{ flowLogId: 'fl-0bbb', published: MIDNIGHT, rows }]);
      const expected = (flowLogId: string, records: number) => [{ flow_log_id: flowLogId, kind: 'ok', records }];
      expect(await foldedInDuckDb(root, text)).toMatchObject(expected('fl-0aaa', 1));
      const folded = foldedInDuckDb(root, parquet);
      // A folder of an hour has none of the files that lie beside it.
      if (perHour) expect(await folded).toMatchObject(expected('fl-0bbb', 3));
      else await expect(folded).rejects.toThrow('fl-0aaa_20260105T0000Z_00000000.log.gz');
    },
  );
});

it('puts all rows of an interface into one part, and knows no part beyond the last', async () => {
  const root = scratchFolder();
  const format = formatOf(FIELDS);
  const text = Array.from({ length: 200 }, (_, i) => line(`eni-${i % 50} 1:${i} 2:443 none ACCEPT 0:10`)).join('\n');
  layFiles(root, format, [{ flowLogId: 'fl-0aaa', published: MIDNIGHT, text }]);
  const rows = await foldedInDuckDb(root, format, { parts: 7 });
  const parts = new Map<string | null, Set<number>>();
  for (const { interface_id, part } of rows) parts.set(interface_id, (parts.get(interface_id) ?? new Set()).add(part));
  expect([...parts.values()].every(({ size }) => size === 1)).toBe(true);
  expect([...new Set(rows.map(({ part }) => part))].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect((await foldedInDuckDb(root, format)).every(({ part }) => part === 0)).toBe(true);
});
