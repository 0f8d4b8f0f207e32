import { describe, expect, test } from '@jest/globals';
import { EvidenceWriter } from '../../../../services/command-line/evidence/evidence-writer.ts';
import { openEvidenceFolder } from '../../../../services/command-line/evidence/evidence-folder.ts';
import { findLogFiles } from '../../../../services/command-line/files/find-log-files.ts';
import { readInventory } from '../../../../services/command-line/files/read-inventory.ts';
import { formatAddress } from '../../../../shared/addresses/address.ts';
import type { HandedFlow, ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import { daysInRange, type EvidenceSource } from '../../../../shared/evidence/evidence-source.ts';
import { join } from 'node:path';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { SAMPLE } from '../program.ts';
import { toldFlows } from '../../../shared/evidence/told-flows.ts';
import { keepEvidence, keepInPieces } from './keep-evidence.ts';
import { scratch } from '../scratch.ts';
import type { FoldedFlow } from '../../../../shared/attribution/flow-fold.ts';
import { STREAM, type Source } from '../../../../shared/usage/source.ts';

const folder = scratch();
const DAY = Date.UTC(2026, 0, 12) / 86_400_000;

const flow = (peer: string, more: Partial<ServiceFlow> = {}): ServiceFlow => ({
  interfaceId: 'eni-1',
  direction: 'ingress',
  protocol: 6,
  peer,
  port: 443,
  ruleIds: ['sgr-1'],
  possibleRuleIds: [],
  unclearRuleIds: [],
  untrackedRuleIds: [],
  requests: 1,
  replies: 0,
  inferred: 0,
  packets: 10,
  bytes: 840,
  first: DAY * 86_400,
  last: DAY * 86_400 + 59,
  ...more,
});

const writer = (): EvidenceWriter => new EvidenceWriter(folder.path('out/evidence'), []);
const open = (): Promise<EvidenceSource> => openEvidenceFolder(folder.path('out'));

async function peersOf(source: EvidenceSource): Promise<Record<number, string[]>> {
  const found: Record<number, string[]> = {};
  for (const day of await source.days()) {
    found[day - DAY] = [];
    for await (const { peer } of source.flows(day)) found[day - DAY]!.push(peer);
  }
  return found;
}

async function written(days: Record<number, string[]>, replaced: 'all' | 'days'): Promise<void> {
  const writing = writer();
  for (const [day, peers] of Object.entries(days)) {
    writing.write(DAY + Number(day), toldFlows(peers.map((peer) => flow(peer))));
  }
  await writing.publish(replaced);
}

describe('a folder of evidence', () => {
  test('says what the last run says, and of other days what a run before said, or nothing', async () => {
    await written({ 0: ['10.0.0.1'], 1: ['10.0.0.2'] }, 'all');
    await written({ 1: ['10.0.0.3'], 2: [] }, 'days');
    expect(await peersOf(await open())).toEqual({ 0: ['10.0.0.1'], 1: ['10.0.0.3'], 2: [] });
    await written({ 1: ['10.0.0.4'] }, 'all');
    expect(await peersOf(await open())).toEqual({ 1: ['10.0.0.4'] });
    expect(await folder.filesIn('out')).toHaveLength(2);
  });

  test('a run that dies before the end changes nothing, and the next one clears up after it', async () => {
    await written({ 0: ['10.0.0.1'] }, 'all');
    writer().write(DAY, toldFlows([flow('10.9.9.9')]));
    writer().write(DAY + 5, toldFlows([flow('10.9.9.9')]));
    expect(await folder.filesIn('out')).toHaveLength(4);
    expect(await peersOf(await open())).toEqual({ 0: ['10.0.0.1'] });
    await written({ 0: ['10.0.0.2'] }, 'days');
    expect(await peersOf(await open())).toEqual({ 0: ['10.0.0.2'] });
    expect(await folder.filesIn('out')).toHaveLength(2);
  });

  test('a run that fails takes away what it wrote, and nothing else', async () => {
    await written({ 0: ['10.0.0.1'] }, 'all');
    await folder.write({ 'out/evidence/day=2026-01-12/notes.txt': 'mine' });
    const before = await folder.filesIn('out');
    const failing = writer();
    failing.write(DAY, toldFlows([flow('10.9.9.9')]));
    failing.discard();
    expect(await folder.filesIn('out')).toEqual(before);
    await written({ 0: ['10.0.0.2'] }, 'all');
    expect(await folder.filesIn('out')).toContain('out/evidence/day=2026-01-12/notes.txt'.slice('out/'.length));
  });

  test('what counts is not taken away any more, whatever fails later', async () => {
    const writing = writer();
    writing.write(DAY, toldFlows([flow('10.0.0.1')]));
    await writing.publish('all');
    writing.discard();
    expect(await peersOf(await open())).toEqual({ 0: ['10.0.0.1'] });
  });

  test('may be named itself', async () => {
    await written({ 0: ['10.0.0.1'] }, 'all');
    expect(await peersOf(await openEvidenceFolder(folder.path('out/evidence')))).toEqual({ 0: ['10.0.0.1'] });
  });

  test.each([
    ['none', undefined, 'no evidence there'],
    ['a manifest that is none', 'nonsense', 'manifest.json: no list of evidence'],
    ['of another version', { schemaVersion: 2, days: {} }, 'manifest.json: no list of evidence'],
    [
      'that leads out of the folder',
      { schemaVersion: 1, days: { '2026-01-12': ['../../../etc/passwd'] } },
      'manifest.json: no list of evidence',
    ],
    ['of a day that is none', { schemaVersion: 1, days: { '2026-02-30': [] } }, 'manifest.json: no list of evidence'],
  ])('%s is refused by name', async (_, manifest, message) => {
    await folder.write({ 'out/evidence/manifest.json': manifest });
    await expect(open()).rejects.toThrow(message);
  });

  test('a part that is gone or damaged is told by its name, never left out', async () => {
    await written({ 0: ['10.0.0.1'] }, 'all');
    const part = (await folder.filesIn('out')).find((name) => name.endsWith('.parquet'))!;
    await rename(folder.path(`out/${part}`), folder.path('elsewhere'));
    await expect(peersOf(await open())).rejects.toThrow(part);
    await writeFile(folder.path(`out/${part}`), 'PAR1');
    await expect(peersOf(await open())).rejects.toThrow(part);
  });
});

describe('days of evidence', () => {
  const days = [0, 1, 4, 200].map((day) => DAY + day);
  const source: EvidenceSource = { name: 'here', days: async () => days, async *flows() {} };

  test.each<[why: string, from: number | undefined, to: number | undefined, found: number[], gaps: number]>([
    ['by default the last 90, up to the last there is', undefined, undefined, [200], 0],
    ['all up to a day', undefined, 4, [0, 1, 4], 2],
    ['a range with what is missing at its ends', -2, 5, [0, 1, 4], 5],
  ])('%s', async (_, from, to, found, gaps) => {
    const range = { ...(from !== undefined && { from: DAY + from }), ...(to !== undefined && { to: DAY + to }) };
    const chosen = await daysInRange(source, range);
    expect(chosen.days.map((day) => day - DAY)).toEqual(found);
    expect(chosen.gaps).toHaveLength(gaps);
  });

  test('none at all is an error', async () => {
    await expect(daysInRange(source, { from: DAY + 10, to: DAY + 20 })).rejects.toThrow(
      'here: no day of evidence in this range; it has 4 days, from 2026-01-12 to 2026-07-31',
    );
    await expect(daysInRange({ ...source, days: async () => [] }, {})).rejects.toThrow('here: no day of evidence');
  });
});

test('a few flows held, or all of them: the files are the same, and each flow is told of once', async () => {
  const inventory = await readInventory(join(SAMPLE, 'inventory'));
  const { files } = await findLogFiles([join(SAMPLE, 'logs')]);
  const read = async (name: string, keep: typeof keepEvidence, held?: number) => {
    let told = 0;
    const writing = new EvidenceWriter(folder.path(`${name}/evidence`), inventory.rules, () => told++, held);
    await keep(writing, files, inventory);
    const written = (await folder.filesIn(`${name}/evidence`)).filter((path) => path.endsWith('.parquet'));
    const bytes = written.map(async (path) => readFile(folder.path(`${name}/evidence/${path}`), 'base64'));
    return { told, days: written.map((path) => path.split('/')[0]), bytes: await Promise.all(bytes) };
  };
  const whole = await read('whole', keepEvidence);
  expect(whole.told).toBeGreaterThan(50);
  expect(whole.days).toEqual([...new Set(whole.days)]);
  for (const held of [6, 40]) expect(await read(`spilled-${held}`, keepInPieces, held)).toEqual(whole);
});

describe('flows that were counted under a condition', () => {
  const UNLESS: Source = { kind: 'streamUnless', flowLogId: 'fl-b', rivals: ['fl-a'] };
  const folded = (host: number): FoldedFlow => ({
    owner: 0,
    admission: -1,
    day: DAY,
    direction: 'ingress',
    protocol: 6,
    port: 443,
    peer: { family: 4, w0: 0x0a000000 + host, w1: 0, w2: 0, w3: 0 },
    isCredited: false,
    requests: host,
    replies: 0,
    inferred: 0,
    packets: host,
    bytes: host,
    first: DAY * 86_400,
    last: DAY * 86_400 + 60,
    possible: [],
  });
  /** Peers and requests, as they are read back and as they were told of. */
  async function kept(isCounted: boolean, maxHeld?: number): Promise<{ read: string[]; heard: string[] }> {
    const heard: string[] = [];
    const said = ({ peer, requests }: HandedFlow): string =>
      `${typeof peer === 'string' ? peer : formatAddress(peer)} ${requests}`;
    const writing = new EvidenceWriter(folder.path('out/evidence'), [], (_, flow) => heard.push(said(flow)), maxHeld);
    writing.hear(STREAM)(folded(1), 'eni-1', undefined);
    writing.hear(UNLESS)(folded(1), 'eni-1', undefined);
    writing.hear(UNLESS)(folded(2), 'eni-1', undefined);
    writing.hear(STREAM)(folded(3), 'eni-1', undefined);
    writing.settle((_, { kind }) => kind === 'stream' || isCounted);
    await writing.publish('all');
    const read: string[] = [];
    for await (const flow of (await open()).flows(DAY)) read.push(said(flow));
    return { read: read.sort(), heard: heard.sort() };
  }

  test('are left out where it does not hold, and are one with the same flow where it does', async () => {
    const without = ['10.0.0.1 1', '10.0.0.3 3'];
    expect(await kept(false)).toEqual({ read: without, heard: without });
    const together = ['10.0.0.1 2', '10.0.0.2 2', '10.0.0.3 3'];
    expect(await kept(true)).toEqual({ read: together, heard: together });
  });

  test('are no others where too many are held, and nothing is left of what was written out for a while', async () => {
    expect(await kept(false, 1)).toEqual(await kept(false));
    expect(await kept(true, 1)).toEqual(await kept(true));
    expect(await folder.filesIn('out/evidence')).toHaveLength(2);
  });

  test('what was written out for a while is taken away by a run that fails, too', async () => {
    const before = await folder.filesIn('out');
    const failing = new EvidenceWriter(folder.path('out/evidence'), [], undefined, 1);
    for (const host of [1, 2, 3]) failing.hear(STREAM)(folded(host), 'eni-1', undefined);
    expect(await folder.filesIn('out')).not.toEqual(before);
    failing.discard();
    expect(await folder.filesIn('out')).toEqual(before);
  });
});
