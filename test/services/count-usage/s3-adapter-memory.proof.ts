// Costs some twenty seconds.
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HEADER } from '../command-line/small-account.ts';
import type { Took } from './folds-one-object.ts';

const START = Date.UTC(2026, 0, 12) / 1000;
const LINES_PER_PART = 40_000;

/** Some 1 MB of gzip data with its own header: objects of any size are so many of it, one behind the other. */
const PART = gzipSync(
  [
    HEADER,
    ...Array.from({ length: LINES_PER_PART }, (_, i) => {
      const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0;
      const peer = `203.0.${mixed >>> 24}.${(mixed >>> 16) & 255}`;
      const start = START + (mixed % 86_000);
      return `2 111122223333 eni-1 ${peer} 10.0.0.1 ${mixed % 60_000} 443 6 ${mixed % 97} ${mixed % 90_001} ${start} ${start + 59} ACCEPT OK`;
    }),
    '',
  ].join('\n'),
);

let server: Server;
let endpoint: string;
let parts = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': parts * PART.length });
    let sent = 0;
    const send = (): void => {
      while (sent++ < parts) if (!response.write(PART)) return void response.once('drain', send);
      response.end();
    };
    send();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

async function foldObjectOf(megabytes: number): Promise<Took> {
  parts = Math.round((megabytes * 1e6) / PART.length);
  const script = join(import.meta.dirname, 'folds-one-object.ts');
  const args = [script, endpoint, String(parts * PART.length)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e6 });
  const took = JSON.parse(stdout) as Took;
  expect(took.records).toBe(parts * LINES_PER_PART);
  return took;
}

test('memory does not grow with the size of an object', async () => {
  const small = await foldObjectOf(10);
  const large = await foldObjectOf(100);
  for (const [megabytes, { records, seconds, rssMegabytes, heapMegabytes }] of [
    [10, small],
    [100, large],
  ] as const) {
    console.info(
      `${megabytes} MB of gzip text, ${records.toLocaleString('en')} records in ${seconds.toFixed(1)} s: ` +
        `at most ${rssMegabytes.toFixed(0)} MB of memory, ${heapMegabytes.toFixed(0)} MB of heap`,
    );
  }
  expect(large.rssMegabytes - small.rssMegabytes).toBeLessThan(60);
  expect(large.heapMegabytes - small.heapMegabytes).toBeLessThan(40);
}, 120_000);
