import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runMain, SAMPLE } from '../program.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();
const former = process.cwd();
const SHOP = { inventory: [join(SAMPLE, 'inventory')], logs: [join(SAMPLE, 'logs'), join(SAMPLE, 'weeks-before')] };

beforeEach(() => process.chdir(folder.path('')));
afterEach(() => {
  process.chdir(former);
  delete process.env.STALE_SG_OPTIONS;
});
const options = (value: unknown, name = 'stale-sg.json'): void => {
  writeFileSync(folder.path(name), typeof value === 'string' ? value : JSON.stringify(value));
};

describe('stale-sg.json in the folder of the call', () => {
  test('gives what the call does not: of its command, and of all', async () => {
    options({
      '*': { inventory: SHOP.inventory },
      analyze: { logs: SHOP.logs, out: 'out', 'window-days': 3, quiet: true },
    });
    expect(await runMain(['analyze'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(await folder.read('out/usage.json'))).toMatchObject({ windowDays: 3 });
  });

  test('what the call gives itself counts, also where it stands against an option of the file', async () => {
    options({ analyze: { ...SHOP, out: 'file', quiet: true }, plan: { tables: 'sg-analysis', out: 'plan' } });
    expect(await runMain(['analyze', '--out=given'])).toMatchObject({ status: 0 });
    const { status, stderr } = await runMain([
      'plan',
      '--report',
      'given/usage.json',
      '--evidence',
      'given',
      '--inventory',
      SHOP.inventory[0]!,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'options of stale-sg.json: --out\n' });
  });

  test('says in one line which options are its own, unless it is to be quiet, and nothing where none is', async () => {
    options({ demo: { out: 'shop', 'no-open': true }, completion: {} }, 'team\u202e.json');
    process.env.STALE_SG_OPTIONS = 'team\u202e.json';
    const told = 'options of team?.json: --out, --no-open\n';
    expect(await runMain(['demo'])).toMatchObject({ status: 0, stderr: told });
    expect(await runMain(['demo', '--out', 'given'])).toMatchObject({ stderr: told.replace('--out, ', '') });
    expect(await runMain(['demo', '-q'])).toMatchObject({ status: 0, stderr: '' });
    expect(await runMain(['completion', 'bash'])).toMatchObject({ status: 0, stderr: '' });
    expect(await runMain(['demo', '--help'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('an option that only other commands have is for them', async () => {
    options({ '*': { evidence: 'out' } });
    expect(await runMain(['demo', '--out', 'out', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['{', /^stale-sg: stale-sg\.json: not JSON$/m],
    ['[]', /^stale-sg: stale-sg\.json: no options by command: /m],
    [{ demo: { out: null } }, /no options by command: demo\.out: /],
    [{ demo: { colour: 'red' } }, /^stale-sg: stale-sg\.json: demo has no option colour$/m],
    [{ '*': { invenotry: ['inv'] } }, /^stale-sg: stale-sg\.json: no command has an option invenotry$/m],
    [{ demo: { quiet: 'yes' } }, /^stale-sg: stale-sg\.json: --quiet takes true or false$/m],
    [{ demo: { out: true } }, /^stale-sg: stale-sg\.json: --out takes a text or a number$/m],
    [{ demo: { out: ['a', 'b'] } }, /^stale-sg: stale-sg\.json: --out takes a text or a number$/m],
    [{ analyze: { inventory: true } }, /^stale-sg: stale-sg\.json: --inventory takes a text or a list of texts$/m],
  ])('%j is refused', async (value, message) => {
    options(value);
    const name = typeof value === 'object' && 'analyze' in value ? 'analyze' : 'demo';
    const { status, stderr } = await runMain([name]);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  test('a value is no option: what begins with a dash stays a value', async () => {
    options({ demo: { out: '--no-open' } });
    expect(await runMain(['demo', '-q'])).toMatchObject({ status: 0, stderr: '' });
    expect(await folder.read('--no-open/usage.csv')).toContain('rule_id');
  });
});

test('STALE_SG_OPTIONS names another file, which has to be there', async () => {
  process.env.STALE_SG_OPTIONS = 'team.json';
  expect(await runMain(['demo'])).toMatchObject({ status: 1, stderr: expect.stringContaining('team.json') });
  options({ demo: { out: 'shop', quiet: true } }, 'team.json');
  expect(await runMain(['demo'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('STALE_SG_OPTIONS that is empty names none, whatever lies in the folder', async () => {
  process.env.STALE_SG_OPTIONS = '';
  options('{');
  expect(await runMain(['demo', '-q'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('--quiet of one call says nothing to the next', async () => {
  await runMain(['demo', '--quiet', '--out', 'a']);
  expect((await runMain(['demo', '--out', 'b'])).stdout).toContain('6 rules may go');
});
