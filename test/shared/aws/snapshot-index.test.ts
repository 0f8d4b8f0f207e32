import { beforeEach, expect, jest, test } from '@jest/globals';
import { type DynamoDBClient, QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { SnapshotIndex, type SnapshotReference } from '../../../shared/aws/snapshot-index.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { isoTime, secondsFromIso } from '../../../shared/time.ts';

/** Java beside other tests on a small machine is slow. */
jest.setTimeout(60_000);

/** Days. */
const KEPT = 400;

/** 2026-11-23 */
const DAY = Date.UTC(2026, 10, 23) / 86_400_000;

const reference = (takenAt: string, hash = takenAt): SnapshotReference => ({ takenAt, key: `snapshots/${hash}`, hash });

/** `23T10:15` is 2026-11-23T10:15:00Z; `23T10:15:01` has its seconds. */
const time = (short: string): string => `2026-11-${short.length === 8 ? `${short}:00` : short}Z`;

describeWithDynamoDb('the index of snapshots', (bed) => {
  let count = 0;
  let client: DynamoDBClient;
  let table: string;
  let index: SnapshotIndex;
  beforeEach(async () => {
    const prefix = `index-${count++}`;
    await bed().createTables(prefix);
    client = bed().client();
    table = `${prefix}-state`;
    index = new SnapshotIndex(client, table);
  });

  const append = async (...times: string[]): Promise<void> => {
    for (const at of times) expect(await index.appendIfNewest(await index.newest(), reference(at), KEPT)).toBe(true);
  };

  test('the newest is the one appended last', async () => {
    expect(await index.newest()).toBeUndefined();
    await append(time('22T10:00'), time('23T10:00'));
    const at = time('23T10:00');
    expect(await index.newest()).toEqual({ ...reference(at), stillTrueAt: at, rulesWrittenAt: undefined });
  });

  test('what is followed expires after the last day on which it is in force, and the newest never', async () => {
    await append(time('22T10:00'), time('22T23:50'), time('23T10:00'));
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'snapshot' } },
      }),
    );
    const days = Items.map(({ expires_at }) => expires_at && Number(expires_at.N) / 86_400 - DAY);
    // The first is in force on the 23rd too: the next one was taken after 23:45.
    expect(days).toEqual([KEPT + 1, KEPT + 2, undefined]);
  });

  test('nothing is appended behind what is followed already', async () => {
    await append(time('22T10:00'));
    const before = await index.newest();
    await append(time('23T10:00'));
    expect(await index.appendIfNewest(before, reference(time('23T11:00')), KEPT)).toBe(false);
    expect((await index.newest())?.takenAt).toBe(time('23T10:00'));
  });

  test('of two first ones only one is appended', async () => {
    const both = ['22T10:00', '22T11:00'].map((at) => index.appendIfNewest(undefined, reference(time(at)), KEPT));
    expect((await Promise.all(both)).filter(Boolean)).toHaveLength(1);
    expect((await index.inForce(DAY)).references).toHaveLength(1);
  });

  test.each(['22T10:30', '22T10:29:59', '22T10:00', '22T09:00'])(
    'what was taken at %s is not appended behind what was still true at 10:30',
    async (at) => {
      await append(time('22T10:00'));
      const newest = (await index.newest())!;
      expect(await index.noteStillTrueIfNewest(newest, time('22T10:30'))).toBe(true);
      expect(await index.appendIfNewest(newest, reference(time(at), 'other'), KEPT)).toBe(false);
      expect(await index.newest()).toEqual({ ...newest, stillTrueAt: time('22T10:30') });
    },
  );

  test('still true moves forward only, and only of the newest', async () => {
    await append(time('22T10:00'));
    const first = (await index.newest())!;
    expect(await index.noteStillTrueIfNewest(first, time('22T10:30'))).toBe(true);
    expect(await index.noteStillTrueIfNewest(first, time('22T10:30'))).toBe(false);
    expect(await index.noteStillTrueIfNewest(first, time('22T10:15'))).toBe(false);
    await append(time('22T11:00'));
    expect(await index.noteStillTrueIfNewest(first, time('22T12:00'))).toBe(false);
    expect((await index.newest())?.stillTrueAt).toBe(time('22T11:00'));
  });

  test('a snapshot that is not in the index is not made by a note on it', async () => {
    expect(await index.noteStillTrueIfNewest(reference(time('22T10:00')), time('22T11:00'))).toBe(false);
    expect(await index.newest()).toBeUndefined();
  });

  test('the note on the table of rules stays through further readings, and is not made by one that was overtaken', async () => {
    await append(time('22T10:00'));
    const newest = (await index.newest())!;
    expect(await index.noteRulesWrittenIfNewest(newest, time('22T10:00'))).toBe(true);
    await index.noteStillTrueIfNewest(newest, time('22T10:30'));
    expect((await index.newest())?.rulesWrittenAt).toBe(time('22T10:00'));
    expect(await index.noteRulesWrittenIfNewest(newest, time('22T10:15'))).toBe(false);
    expect(await index.noteRulesWrittenIfNewest(newest, time('22T10:30'))).toBe(true);
    await append(time('22T11:00'));
    expect(await index.noteRulesWrittenIfNewest(newest, time('22T11:30'))).toBe(false);
    expect((await index.newest())?.rulesWrittenAt).toBeUndefined();
  });

  test('other writes are held back from the moment another reading is noted or appended', async () => {
    await append(time('22T10:00'));
    const newest = (await index.newest())!;
    const write = async (at: string): Promise<string> => {
      const Put = { TableName: table, Item: { id: { S: 'other' }, at: { S: at } } };
      const TransactItems = [index.whileNewest(newest, time(at)), { Put }];
      const sent = client.send(new TransactWriteItemsCommand({ TransactItems }));
      return sent.then(
        () => 'written',
        (error: unknown) => (error as Error).name,
      );
    };
    expect(await write('22T10:00')).toBe('written');
    await index.noteStillTrueIfNewest(newest, time('22T10:30'));
    expect(await write('22T10:15')).toBe('TransactionCanceledException');
    expect(await write('22T10:30')).toBe('written');
    await append(time('22T11:00'));
    expect(await write('22T10:30')).toBe('TransactionCanceledException');
    expect(await write('22T12:00')).toBe('TransactionCanceledException');
  });

  test.each<[why: string, taken: string[], inForce: string[], assumed: boolean]>([
    [
      'the last one before 23:45, and all later ones',
      ['22T10:00', '22T20:00', '23T08:00', '23T09:00'],
      ['22T20:00', '23T08:00', '23T09:00'],
      false,
    ],
    ['one at 23:45 itself is before', ['22T20:00', '22T23:45', '23T08:00'], ['22T23:45', '23T08:00'], false],
    ['one a second after it is later', ['22T20:00', '22T23:45:01'], ['22T20:00', '22T23:45:01'], false],
    ['one at midnight is of the next day', ['22T20:00', '24T00:00'], ['22T20:00'], false],
    [
      'one a second before midnight is of the day',
      ['22T20:00', '23T23:59:59', '24T00:00'],
      ['22T20:00', '23T23:59:59'],
      false,
    ],
    ['nothing changed for a week', ['15T10:00'], ['15T10:00'], false],
    ['the first one was taken on the day', ['23T10:00', '23T11:00', '24T10:00'], ['23T10:00', '23T11:00'], true],
    ['the first one was taken in the last minutes of the day before', ['22T23:50'], ['22T23:50'], true],
    ['all are later: the first stands in', ['25T10:00', '26T10:00'], ['25T10:00'], true],
  ])('in force: %s', async (_why, taken, inForce, assumed) => {
    await append(...taken.map(time));
    const { references, ...found } = await index.inForce(DAY);
    expect([references, found.assumed]).toEqual([inForce.map((at) => reference(time(at))), assumed]);
  });

  test.each<[why: string, taken: string[], stillTrueAt: string | undefined, outdated: boolean]>([
    ['taken six hours before the day', ['22T18:00'], undefined, false],
    ['taken a second earlier', ['22T17:59:59'], undefined, true],
    ['still true six hours before the day', ['01T10:00'], '22T18:00', false],
    ['still true no later than a second earlier', ['01T10:00'], '22T17:59:59', true],
    ['still true after the day: nobody stopped looking for long', ['01T10:00'], '28T10:00', false],
    ['taken in the last second of the day', ['01T10:00', '23T23:59:59'], undefined, false],
    ['none of that day; what comes after it does not count', ['22T10:00', '24T00:00'], '24T12:00', true],
    ['before the first one it is assumed', ['24T00:00'], undefined, false],
  ])('outdated: %s', async (_why, taken, stillTrueAt, outdated) => {
    await append(...taken.map(time));
    if (stillTrueAt !== undefined) await index.noteStillTrueIfNewest((await index.newest())!, time(stillTrueAt));
    expect((await index.inForce(DAY)).outdated).toBe(outdated);
  });

  test.each([
    ['22T09:59:59', '22T10:00'],
    ['22T10:00', '22T10:00'],
    ['22T10:59:59', '22T10:00'],
    ['22T11:00', '22T11:00'],
    ['25T00:00', '22T11:00'],
  ])('taken by %s: %s, and the first where none was', async (at, expected) => {
    expect(await index.takenBy(secondsFromIso(time(at)))).toBeUndefined();
    await append(time('22T10:00'), time('22T11:00'));
    expect(await index.takenBy(secondsFromIso(time(at)))).toMatchObject(reference(time(expected)));
  });

  test('in force: more than a page, in order', async () => {
    const times = Array.from({ length: 120 }, (_, minute) => isoTime((DAY * 1440 + minute) * 60));
    await append(time('22T10:00'), ...times);
    let queries = 0;
    client.middlewareStack.add((next, { commandName }) => (args) => {
      if (commandName === QueryCommand.name) queries++;
      return next(args);
    });
    expect((await index.inForce(DAY)).references.map(({ takenAt }) => takenAt)).toEqual([time('22T10:00'), ...times]);
    expect(queries).toBe(2);
  });

  test('in force: none without any snapshot, and it says what to do', async () => {
    await expect(index.inForce(DAY)).rejects.toThrow('no snapshot of the account was ever taken: run snapshot-groups');
  });

  test('what else goes wrong is not taken for a condition', async () => {
    const lost = new SnapshotIndex(client, 'no-such-table');
    await expect(lost.appendIfNewest(undefined, reference('x'), KEPT)).rejects.toThrow(/resource|table/i);
    await expect(lost.noteStillTrueIfNewest(reference('x'), 'y')).rejects.toThrow(/resource|table/i);
  });
});
