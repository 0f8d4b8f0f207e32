import { beforeEach, describe, expect, test } from '@jest/globals';
import { GetManagedPrefixListEntriesCommand as command } from '@aws-sdk/client-ec2';
import { createEc2Client, ec2Account } from '../../../services/snapshot-groups/ec2-adapter.ts';
import { answer, ec2Error, reset, respondWith } from './stub-ec2.ts';

const account = ec2Account(createEc2Client({ region: 'eu-west-1' }));
const { signal } = new AbortController();
beforeEach(reset);

describe('entries of prefix lists', () => {
  test('all of three pages', async () => {
    const inputs = answer(command, [
      { Entries: [{ Cidr: '1.0.0.0/8' }], NextToken: 'a' },
      { Entries: [], NextToken: 'b' },
      { Entries: [{ Cidr: '2.0.0.0/8' }] },
    ]);
    const found = await account.prefixListEntries(['pl-1'], signal);
    expect(found.get('pl-1')).toEqual({ readable: true, entries: [{ Cidr: '1.0.0.0/8' }, { Cidr: '2.0.0.0/8' }] });
    expect(inputs).toEqual(
      [undefined, 'a', 'b'].map((NextToken) => ({ PrefixListId: 'pl-1', MaxResults: 100, NextToken })),
    );
  });

  test.each(['AccessDenied', 'UnauthorizedOperation', 'InvalidPrefixListID.NotFound'])(
    '%s: unknown, even after a page',
    async (name) => {
      answer(command, [{ Entries: [{ Cidr: '1.0.0.0/8' }], NextToken: 'a' }, ec2Error(name)]);
      expect((await account.prefixListEntries(['pl-1'], signal)).get('pl-1')).toEqual({
        readable: false,
        reason: name,
      });
    },
  );

  test.each(['RequestLimitExceeded', 'AuthFailure', 'InternalError'])('%s: no snapshot', async (name) => {
    answer(command, [ec2Error(name)]);
    const failed = `GetManagedPrefixListEntries of pl-1 failed: ${name}: not today`;
    await expect(account.prefixListEntries(['pl-1'], signal)).rejects.toThrow(failed);
  });

  test('twenty lists, at most four at a time', async () => {
    let [now, most] = [0, 0];
    respondWith(command, async ({ PrefixListId }) => {
      most = Math.max(most, ++now);
      await new Promise((done) => setTimeout(done, 2));
      now -= 1;
      return { Entries: [{ Cidr: PrefixListId }] };
    });
    const listIds = Array.from({ length: 20 }, (_, index) => `pl-${index}`);
    const found = await account.prefixListEntries(listIds, signal);
    expect(listIds.map((listId) => found.get(listId))).toEqual(
      listIds.map((Cidr) => ({ readable: true, entries: [{ Cidr }] })),
    );
    expect(most).toBe(4);
  });
});
