import { describe, expect, test } from '@jest/globals';
import { readAccount, type Account, type ListEntries } from '../../../services/snapshot-groups/read-account.ts';
import { fakeAccount, LISTED } from './fake-account.ts';

const PARTS = ['groups', 'rules', 'interfaces', 'prefixLists', 'flowLogs', 'vpcs', 'groupVpcAssociations'] as const;
const ids = (items: readonly object[]) => items.map((item): unknown => Object.values(item)[0]);
const readable = (...cidrs: string[]): ListEntries => ({ readable: true, entries: cidrs.map((Cidr) => ({ Cidr })) });
const ruleOn = (PrefixListId: string) => ({ SecurityGroupRuleId: `sgr-${PrefixListId}`, PrefixListId });

describe('the whole account', () => {
  test('everything is there, ordered by id, with unread fields carried along', async () => {
    const snapshot = await readAccount(fakeAccount(LISTED));
    expect(PARTS.map((part) => ids(snapshot[part]))).toEqual([
      ['sg-1', 'sg-2'],
      ['sgr-1', 'sgr-2', 'sgr-3'],
      ['eni-1'],
      ['pl-0a', 'pl-0c'],
      ['fl-1'],
      ['vpc-1'],
      ['sg-1'],
    ]);
    expect(snapshot.rules[1]).toEqual(LISTED.rules?.[2]);
  });

  test.each(PARTS)('a failing call for %s fails the whole and stops the others', async (part) => {
    const stopped: string[] = [];
    const waiting = (name: string) => (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        signal.addEventListener('abort', () => stopped.push(name));
      });
    const over: Partial<Account> = Object.fromEntries(PARTS.map((name) => [name, waiting(name)]));
    const failing = { ...over, [part]: () => Promise.reject(new Error(`${part} failed`)) };
    await expect(readAccount(fakeAccount({}, failing))).rejects.toThrow(`${part} failed`);
    expect(stopped.toSorted()).toEqual(PARTS.filter((name) => name !== part).toSorted());
  });

  test('a failing call for the entries fails the whole too', async () => {
    const over = { prefixListEntries: () => Promise.reject(new Error('throttled')) };
    await expect(readAccount(fakeAccount(LISTED, over))).rejects.toThrow('throttled');
  });

  test('whoever cancels gets the reason back, not the error of the call that was cut', async () => {
    const cancel = new AbortController();
    const over: Partial<Account> = {
      vpcs: (signal) => new Promise((_, no) => signal.addEventListener('abort', () => no(new Error('cut')))),
    };
    const reading = readAccount(fakeAccount(LISTED, over), cancel.signal);
    cancel.abort(new Error('Ctrl-C'));
    await expect(reading).rejects.toThrow('Ctrl-C');
  });

  test.each([
    ['groups', {}, 'without GroupId: {}'],
    ['rules', { GroupId: 'sg-1' }, 'without SecurityGroupRuleId: {"GroupId":"sg-1"}'],
    ['groupVpcAssociations', { GroupId: 'sg-1', VpcId: '' }, 'without VpcId'],
  ])('%s: an item without its id is half an answer', async (part, item, message) => {
    await expect(readAccount(fakeAccount({ [part]: [item] }))).rejects.toThrow(message);
  });
});

describe('order and doubles', () => {
  test.each([
    {
      why: 'by code unit: digits, then capitals, then small letters',
      given: ['b', 'B', 'a', '10', '9'],
      kept: ['10', '9', 'B', 'a', 'b'],
    },
    {
      why: 'a group on two pages, because one was deleted in between, is one group',
      given: ['b', 'a', 'b'],
      kept: ['a', 'b'],
    },
    { why: 'nothing is nothing', given: [], kept: [] },
  ])('$why', async ({ given, kept }) => {
    const { groups } = await readAccount(fakeAccount({ groups: given.map((GroupId) => ({ GroupId })) }));
    expect(ids(groups)).toEqual(kept);
  });

  test('of doubles the one read last stays', async () => {
    const groups = [
      { GroupId: 'a', Description: 'old' },
      { GroupId: 'a', Description: 'new' },
    ];
    expect((await readAccount(fakeAccount({ groups }))).groups).toEqual([groups[1]]);
  });

  test('an ended association does not hide the one made after it', async () => {
    const made = (State: string) => ({ GroupId: 'sg-1', VpcId: 'vpc-1', State });
    const groupVpcAssociations = [made('associated'), made('disassociated')];
    const snapshot = await readAccount(fakeAccount({ groupVpcAssociations }));
    expect(snapshot.groupVpcAssociations).toEqual(groupVpcAssociations);
  });
});

describe('entries of prefix lists', () => {
  test.each([
    {
      why: 'read: known, ordered by CIDR',
      version: [1, 1],
      answer: readable('2.0.0.0/8', '10.0.0.0/8'),
      entries: ['10.0.0.0/8', '2.0.0.0/8'],
    },
    { why: 'an empty list is known to be empty', version: [1, 1], answer: readable(), entries: [] },
    { why: 'a list of AWS has no version', version: [], answer: readable('10.0.0.0/8'), entries: ['10.0.0.0/8'] },
    {
      why: 'refused: unknown',
      version: [1, 1],
      answer: { readable: false, reason: 'AccessDenied' },
      problem: 'entries unknown: AccessDenied',
    },
    { why: 'not answered: unknown', version: [1, 1], answer: undefined, problem: 'entries unknown: no answer' },
    {
      why: 'changed between two pages: an entry may be missing',
      version: [1, 2],
      answer: readable('10.0.0.0/8'),
      problem: 'changed while it was read (version 1 to 2)',
    },
  ] as const)('$why', async ({ version, answer, ...expected }) => {
    const asked = [...version];
    const snapshot = await readAccount(
      fakeAccount(
        { rules: [ruleOn('pl-1')], entries: answer ? { 'pl-1': answer } : {} },
        { prefixLists: async () => [{ PrefixListId: 'pl-1', Version: asked.shift() }] },
      ),
    );
    const entries = 'entries' in expected ? expected.entries : undefined;
    expect(snapshot.prefixListEntries.get('pl-1')?.map(({ Cidr }) => Cidr)).toEqual(entries);
    const problems = 'problem' in expected ? [expect.stringContaining(expected.problem)] : [];
    expect(snapshot.problems).toEqual(problems);
  });

  test('asked for once each, only where a rule refers to them, shown by AWS or not', async () => {
    const asked: (readonly string[])[] = [];
    const account = fakeAccount(
      {
        rules: [ruleOn('pl-9'), ruleOn('pl-1'), { ...ruleOn('pl-9'), SecurityGroupRuleId: 'sgr-b' }],
        prefixLists: [{ PrefixListId: 'pl-5' }],
      },
      { prefixListEntries: async (listIds) => (asked.push(listIds), new Map()) },
    );
    await readAccount(account);
    expect(asked).toEqual([['pl-1', 'pl-9']]);
  });
});
