import { expect, test } from '@jest/globals';
import { readExemptions } from '../../../../../shared/verdicts/exemption-list.ts';
import { runMain, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';

const folder = scratch();
const exempt = (target: string, { list = 'list.csv', until = '2026-06-30', reason = 'audit' } = {}): Promise<Run> =>
  runMain(['exempt', target, '--reason', reason, '--owner', 'jane', '--until', until, '--list', folder.path(list)]);
const listed = async (list = 'list.csv'): Promise<string[]> =>
  readExemptions(await folder.read(list), list).map(
    ({ target, reason, owner, expires }) => `${target.kind} ${target.value} ${reason} ${owner} ${expires}`,
  );

test.each([
  ['sgr-1', 'rule_id sgr-1'],
  ['sg-1', 'group_id sg-1'],
  ['10.0.0.0/8', 'cidr 10.0.0.0/8'],
  ['2001:db8::/32', 'cidr 2001:db8::/32'],
  ['tag:team=shop', 'tag team=shop'],
  ['tag:env', 'tag env'],
  ['name:web, "old"*', 'group_name web, "old"*'],
])('%s makes a list, in CSV and in JSON, and is read back', async (target, said) => {
  for (const list of ['list.csv', 'list.json']) {
    const { status, stdout } = await exempt(target, { list });
    expect([status, stdout.split('\n')]).toEqual([
      0,
      [
        `${folder.path(list)}: ${target} is kept until 2026-06-30`,
        `Reports and plans made before do not know of it: analyze with --exemptions ${folder.path(list)}, then plan anew`,
        '',
      ],
    ]);
    expect(await listed(list)).toEqual([`${said} audit jane 2026-06-30`]);
  }
});

test('what is in the list stays; one of the same target is replaced', async () => {
  await folder.write({
    'list.csv': '\ufeffticket,rule_id,reason,owner,expires\r\nT-1,sgr-1,"a, b",bob,2026-01-31\r\n',
  });
  expect((await exempt('sg-2')).status).toBe(0);
  expect(await folder.read('list.csv')).toBe(
    'ticket,rule_id,reason,owner,expires,group_id\nT-1,sgr-1,"a, b",bob,2026-01-31,\n,,audit,jane,2026-06-30,sg-2\n',
  );
  expect((await exempt('sgr-1', { reason: 'two\nlines' })).stdout).toContain('in the place of what it said before');
  expect(await listed()).toEqual(['rule_id sgr-1 two\nlines jane 2026-06-30', 'group_id sg-2 audit jane 2026-06-30']);
  expect(await folder.read('list.csv')).toContain('T-1,sgr-1,');
});

test.each<[what: string, target: string, more: object, status: number, says: RegExp]>([
  ['something else', 'web', {}, 1, /web: give sgr-…, sg-…, a block/],
  ['a block that is none', '10.0.0.0/33', {}, 1, /10\.0\.0\.0\/33 is not a block/],
  ['no day', 'sgr-1', { until: 'never' }, 2, /Give a day such as 2026-01-31/],
  ['a list that is none', 'sgr-1', { list: 'broken.csv' }, 1, /broken\.csv:1: no column/],
  ['a reason of blanks', 'sgr-1', { reason: ' ' }, 1, /reason: missing/],
])('%s is refused, and nothing is written', async (_what, target, more, status, says) => {
  await folder.write({ 'broken.csv': 'a,b\n1,2\n' });
  const run = await exempt(target, more);
  expect([run.status, run.stderr]).toEqual([status, expect.stringMatching(says)]);
  expect(await folder.filesIn('.')).toEqual(['broken.csv']);
});
