import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { expandText, MAX_EXPANSION, readText } from '../../../shared/flowlogs/read-text.ts';
import { Meter } from '../../meter.ts';
import { chunksOf, readLines, readStream } from './outcome.ts';

// Other programs may have the processor.
jest.setTimeout(60_000);

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n';
const line = (id: string): string => `2 1 ${id} 10.0.0.1 10.0.0.2 40000 22 6 9 900 100 160 ACCEPT OK\n`;
const read = (id: string): string => `${id} ACCEPT 6 10.0.0.1:40000 > 10.0.0.2:22 9p 900b 100..160`;

const PLAIN = HEADER + line('eni-1') + line('eni-2');
const READ = { records: [read('eni-1'), read('eni-2')], malformed: [] };
const GZIP = gzipSync(PLAIN);
/** Two files put together, as `cat a.gz b.gz` does. */
const MEMBERS = [gzipSync(HEADER + line('eni-1')), gzipSync(line('eni-2'))] as const;
const NOTHING = { records: [], malformed: [] };

const bytesOf = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));
const named = gzipSync(PLAIN);
/** The same with a file name in its header, as gzip(1) writes it. */
const NAMED = Buffer.concat([
  named.subarray(0, 3),
  Buffer.of(8),
  named.subarray(4, 10),
  Buffer.from('a.log\0'),
  named.subarray(10),
]);

describe('a file is read', () => {
  test.each<[why: string, chunks: (string | Uint8Array)[]]>([
    ['plain', [PLAIN]],
    ['plain, without the last newline', [PLAIN.trimEnd()]],
    ['gzip, without the last newline', [gzipSync(PLAIN.trimEnd())]],
    ['gzip', [GZIP]],
    ['gzip with the name of its file', [NAMED]],
    ['gzip in its best compression', [gzipSync(PLAIN, { level: 9 })]],
    ['gzip stored, not compressed', [gzipSync(PLAIN, { level: 0 })]],
    ['gzip of several members', [...MEMBERS]],
    ['the same in one chunk', [Buffer.concat(MEMBERS)]],
    ['a member without content between', [MEMBERS[0], gzipSync(''), MEMBERS[1]]],
    ['gzip in gzip, of several members each', [gzipSync(Buffer.concat(MEMBERS))]],
    ['a member that ends in mid-line', [gzipSync(PLAIN.slice(0, 150)), gzipSync(PLAIN.slice(150))]],
  ])('%s, whole and byte by byte', async (_why, chunks) => {
    expect(await readStream(chunksOf(...chunks))).toEqual(READ);
    const single = chunks.flatMap((chunk) => bytesOf(Buffer.from(chunk as Uint8Array)));
    expect(await readStream(chunksOf(...single))).toEqual(READ);
    expect(await readStream(chunksOf('', ...single.flatMap((chunk) => [chunk, ''])))).toEqual(READ);
  });

  test('without content: plain, gzip, no chunk at all', async () => {
    expect(await readStream(chunksOf(''))).toEqual(NOTHING);
    expect(await readStream(chunksOf())).toEqual(NOTHING);
    expect(await readStream(chunksOf(gzipSync('')))).toEqual(NOTHING);
  });

  test('of many chunks, from a stream', async () => {
    const many = HEADER + Array.from({ length: 10_000 }, (_, n) => line(`eni-${n}`)).join('');
    const expected = readLines(many);
    expect(expected).toMatchObject({ records: { length: 10_000 } });
    const packed = gzipSync(many);
    for (const size of [1000, 65_536]) {
      const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, k) =>
        packed.subarray(k * size, (k + 1) * size),
      );
      expect(await readStream(Readable.from(pieces))).toEqual(expected);
    }
  });
});

describe('a file cut short is refused at every place', () => {
  const CUT = { refused: 'gzip data ends too early: the file is cut short' };
  const TINY = [gzipSync(line('eni-1')), gzipSync(line('eni-2'))];
  const both = Buffer.concat(TINY);
  /** All that can be cut and still be a whole file: nothing, and the first member. Both are less than was written. */
  const whole = new Map([
    [0, NOTHING],
    [TINY[0]!.length, { records: [read('eni-1')], malformed: [] }],
    [both.length, READ],
  ]);

  test('in one chunk', async () => {
    for (let cut = 0; cut <= both.length; cut++) {
      const outcome = await readStream(chunksOf(both.subarray(0, cut)));
      expect({ cut, outcome }).toEqual({ cut, outcome: whole.get(cut) ?? CUT });
    }
  });

  test('byte by byte', async () => {
    for (let cut = 0; cut <= both.length; cut++) {
      const outcome = await readStream(chunksOf(...bytesOf(both.subarray(0, cut))));
      expect({ cut, outcome }).toEqual({ cut, outcome: whole.get(cut) ?? CUT });
    }
  });
});

describe('a file that is not what it seems is refused', () => {
  const spoiled = (at: number, bits = 0xff): Uint8Array => {
    const copy = Uint8Array.from(GZIP);
    copy[at < 0 ? copy.length + at : at]! ^= bits;
    return copy;
  };
  const corrupt = (why: string): string => `corrupt gzip data (${why})`;
  const BEHIND = 'bytes follow the end of the gzip data';

  test.each<[why: string, chunks: (string | Uint8Array)[], message: string]>([
    ['an unknown method', [spoiled(2)], corrupt('unknown compression method')],
    ['unknown flags', [spoiled(3, 0xe0)], corrupt('unknown header flags set')],
    ['a spoiled block', [spoiled(10, 0x06)], corrupt('').slice(0, -1)],
    ['a spoiled checksum', [spoiled(-5)], corrupt('incorrect data check')],
    ['a spoiled length', [spoiled(-1)], corrupt('incorrect length check')],
    ['zeros behind', [GZIP, Buffer.alloc(10)], BEHIND],
    ['zeros behind, byte by byte', [GZIP, ...bytesOf(Buffer.alloc(20_000))], BEHIND],
    ['zeros and another member behind', [MEMBERS[0], Buffer.alloc(3), MEMBERS[1]], BEHIND],
    ['the same in one chunk', [Buffer.concat([MEMBERS[0], Buffer.alloc(3), MEMBERS[1]])], BEHIND],
    ['plain text in a later chunk', [GZIP, line('eni-3')], corrupt('incorrect header check')],
    ['gzip in gzip in gzip', [gzipSync(gzipSync(GZIP))], 'gzip data in gzip data in gzip data: not a flow log'],
    ['the same in pieces', bytesOf(gzipSync(gzipSync(GZIP))), 'gzip data in gzip data in gzip data: not a flow log'],
    ['gzip in gzip, cut inside', [gzipSync(GZIP.subarray(0, -9))], 'the file is cut short'],
    ['gzip in gzip, spoiled inside', bytesOf(gzipSync(spoiled(-5))), corrupt('incorrect data check')],
    ['gzip without its first byte', [GZIP.subarray(1)], 'not a VPC flow log: binary data'],
    ['zlib', [deflateSync(PLAIN)], 'not a VPC flow log: binary data'],
    ['no flow log in gzip', [gzipSync('version action\n')], 'not a VPC flow log: no column "interface-id"'],
  ])('%s', async (_why, chunks, message) => {
    expect(await readStream(chunksOf(...chunks))).toEqual({ refused: expect.stringContaining(message) });
  });

  test('plain text right behind', async () => {
    const outcome = await readStream(chunksOf(Buffer.concat([GZIP, Buffer.from(line('eni-3'))])));
    expect(outcome).toEqual({ refused: expect.stringMatching(/^(bytes follow the end of the|corrupt) gzip data/) });
  });

  test('a spoiled bit anywhere is refused, or changes nothing that is read', async () => {
    for (let at = 0; at < GZIP.length; at++) {
      const outcome = await readStream(chunksOf(spoiled(at, 1 << (at % 8))));
      if ('refused' in outcome) continue;
      // The time and the system in the header, and the padding of the last block, say nothing about the content.
      expect({ at, outcome }).toEqual({ at, outcome: READ });
    }
  });
});

describe('a gzip bomb', () => {
  const REFUSED = `gzip data grows more than ${MAX_EXPANSION} times: not a flow log`;
  /** So many megabytes of one piece of text again and again, as members of one megabyte each. */
  const bombOf = (piece: string, megabytes: number): Buffer => {
    const member = gzipSync(piece.repeat(Math.ceil(1e6 / piece.length)), { level: constants.Z_BEST_COMPRESSION });
    return Buffer.concat([gzipSync(HEADER), ...new Array<Buffer>(megabytes).fill(member)]);
  };

  test('of 200 MB, one line without an end, is refused soon after 64 MB', async () => {
    const bomb = bombOf('x', 200);
    expect(200e6 / bomb.length).toBeGreaterThan(MAX_EXPANSION);
    let taken = 0;
    const pieces = async function* (): AsyncIterable<Uint8Array> {
      const split = Array.from({ length: 1000 }, (_, i) =>
        bomb.subarray((i * bomb.length) / 1000, ((i + 1) * bomb.length) / 1000),
      );
      for await (const piece of chunksOf(...split)) {
        taken += piece.length;
        yield piece;
      }
    };
    await expect(readText(pieces(), { record: () => {}, malformed: () => {} })).rejects.toThrow(REFUSED);
    expect(taken / bomb.length).toBeLessThan(70 / 200);
  });

  test('of 200 MB, one line again and again, grows less than that: read, in little room', async () => {
    const piece = line('-').replace('OK', 'NODATA');
    const bomb = bombOf(piece, 200);
    let records = 0;
    const meter = new Meter();
    const record = (): void => {
      if (records++ % 100_000 === 0) meter.look();
    };
    await readText(chunksOf(bomb), { record, malformed: () => {} });
    expect(records).toBe(200 * Math.ceil(1e6 / piece.length));
    expect(meter.grownMegabytes).toBeLessThan(128);
  });

  test('in gzip is held against the bytes of the file: twice as hard, it is refused as soon, in little room', async () => {
    const bomb = gzipSync(bombOf('x', 300));
    const meter = new Meter();
    const reading = readText(chunksOf(bomb), { record: () => {}, malformed: () => {} });
    await expect(reading).rejects.toThrow(REFUSED);
    await expect(readText(chunksOf(...bytesOf(bomb)), { record: () => {}, malformed: () => {} })).rejects.toThrow(
      REFUSED,
    );
    meter.look();
    expect(meter.grownMegabytes).toBeLessThan(128);
  });

  test('what grows as much and stays small is no bomb, nor what is large and grew less', async () => {
    const tooLong = { records: [], malformed: ['2: the line is longer than 65536 bytes'] };
    const small = bombOf('x', 60);
    expect(60e6 / small.length).toBeGreaterThan(MAX_EXPANSION);
    expect(await readStream(chunksOf(small))).toEqual(tooLong);
    // Stored members in between keep the growth of 70 MB near 100 times.
    const stored = gzipSync('x'.repeat(700_000), { level: 0 });
    expect(await readStream(chunksOf(Buffer.concat([bombOf('x', 70), stored])))).toEqual(tooLong);
  });
});

describe('errors of the source', () => {
  const sink = { record: () => {}, malformed: () => {} };

  /** Yields the chunks, then fails with the error, if any; counts how often it was closed. */
  function source(chunks: readonly (string | Uint8Array)[], error?: Error) {
    let returned = 0;
    let left = 0;
    const iterator = (async function* () {
      try {
        yield* chunksOf(...chunks);
        left++;
        if (error !== undefined) throw error;
      } finally {
        returned++;
      }
    })();
    return { iterator, returned: () => returned, exhausted: () => left > 0 };
  }

  const lost = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
  test.each<[why: string, chunks: (string | Uint8Array)[], error: Error]>([
    ['before the first byte', [], lost],
    ['after the first byte', ['v'], lost],
    ['in plain text', [HEADER, line('eni-1')], lost],
    ['in gzip data', [GZIP.subarray(0, 40)], lost],
    ['after one byte of gzip data', [GZIP.subarray(0, 1)], lost],
    ['after all of it', [GZIP], lost],
    ['an error of another kind', [GZIP.subarray(0, 40)], new TypeError('no such object')],
    [
      'one that looks like a stream closed early',
      [GZIP.subarray(0, 40)],
      Object.assign(new Error('x'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
    ],
  ])('rise as they are: %s', async (_why, chunks, error) => {
    const { iterator, returned } = source(chunks, error);
    await expect(readText(iterator, sink)).rejects.toBe(error);
    expect(returned()).toBe(1);
  });

  test('a file that is not there', async () => {
    const missing = createReadStream(`${import.meta.dirname}/no-such.log`);
    await expect(readText(missing, sink)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  const many = (chunk: string | Uint8Array) => new Array<string | Uint8Array>(1000).fill(chunk);
  test.each<[why: string, chunks: (string | Uint8Array)[]]>([
    ['plain text refused at its header', ['version srcaddr\n', ...many(line('eni-1'))]],
    ['binary data', ['\x89PNG', ...many('\n')]],
    ['gzip data refused at its header', [gzipSync('version srcaddr\n'), ...many(gzipSync(line('eni-1')))]],
    ['corrupt gzip data', [GZIP.subarray(0, 2), ...many('\xff'.repeat(1000))]],
  ])('the source is closed, not drained, when the file is refused: %s', async (_why, chunks) => {
    const { iterator, returned, exhausted } = source(chunks);
    await expect(readText(iterator, sink)).rejects.toMatchObject({ name: 'FlowLogError' });
    await setImmediate();
    expect({ returned: returned(), exhausted: exhausted() }).toEqual({ returned: 1, exhausted: false });
  });

  test('the source is closed when the sink throws', async () => {
    const full = new Error('disk full');
    for (const chunk of [PLAIN, GZIP]) {
      const { iterator, returned } = source([chunk, ...many('')]);
      const failing = {
        record: () => {
          throw full;
        },
        malformed: () => {},
      };
      await expect(readText(iterator, failing)).rejects.toBe(full);
      await setImmediate();
      expect(returned()).toBe(1);
    }
  });

  test('a source without return() is fine', async () => {
    const { iterator } = source([GZIP]);
    const bare = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    expect(await readStream(bare)).toEqual(READ);
  });
});

describe('the memory of what is unpacked is given back at once', () => {
  test.each([
    ['in one piece', 200_000],
    ['from a stream', 20_000_000],
  ])('%s, but the end of it', async (_why, size) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    await expandText([gzipSync(Buffer.alloc(size, 'a b c\n'))], (bytes) => {
      pieces.push(bytes);
      length += bytes.length;
    });
    const kept = pieces.reduce((sum, piece) => sum + piece.length, 0);
    expect([length, kept < 256 * 1024, pieces[0]!.length]).toEqual([size, true, 0]);
  });

  test('of short texts it is no one’s to give: Node has a pool, which may be longer than it says', async () => {
    const { poolSize } = Buffer;
    const texts: string[] = [];
    try {
      // Node 26 makes one of 65,600 bytes, and says 65,536.
      Buffer.poolSize = poolSize - 64;
      await expandText([gzipSync(PLAIN)], (bytes) => texts.push(Buffer.from(bytes).toString()));
    } finally {
      Buffer.poolSize = poolSize;
    }
    expect(texts).toEqual([PLAIN]);
  });
});
