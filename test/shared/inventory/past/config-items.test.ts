import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { formatPrefix, parsePrefix } from '../../../../shared/addresses/address.ts';
import { toldByConfig } from '../../../../shared/inventory/past/config-items.ts';
import { pastOf } from '../../../../shared/inventory/past/past-of.ts';
import { entryKey, mergePasts, type Age, type Past } from '../../../../shared/inventory/past/past.ts';
import type { Told } from '../../../../shared/inventory/past/told.ts';
import { isoTime } from '../../../../shared/time.ts';
import { inventoryOf, pagesOf, showRule } from '../aws-shorthand.ts';

type Raw = Readonly<Record<string, unknown>>;

const fixture = (name: string): Raw =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/config/${name}.json`, import.meta.url), 'utf8')) as Raw;
const told = (...pages: Raw[]): Told => toldByConfig(pagesOf('config-history/x.json', ...pages));
const day = (at: number): string => isoTime(at).slice(5, 16);

test('a group tells which rules stood, came and went', () => {
  const { rules, groups, problems } = told(fixture('SecurityGroup'));
  expect(rules.map(({ what, at, rule }) => `${day(at)} ${what} ${showRule(rule!)}`)).toEqual([
    '01-10T09:00 seen ingress tcp(6) 443-443 cidrIpv4 203.0.113.0/24',
    '01-10T09:00 seen ingress tcp(6) 443-443 cidrIpv4 198.51.100.0/24',
    '01-10T09:00 seen egress -1(any) cidrIpv4 0.0.0.0/0',
    '01-11T09:00 made ingress tcp(6) 443-443 group sg-0aaa0aaa0aaa0aaa2',
    '01-11T09:00 gone ingress tcp(6) 443-443 cidrIpv4 198.51.100.0/24',
    '01-12T09:00 gone ingress tcp(6) 443-443 cidrIpv4 203.0.113.0/24',
    '01-12T09:00 gone ingress tcp(6) 443-443 group sg-0aaa0aaa0aaa0aaa2',
    '01-12T09:00 gone egress -1(any) cidrIpv4 0.0.0.0/0',
  ]);
  expect(groups).toMatchObject([{ groupId: 'sg-0aaa0aaa0aaa0aaa1', vpcId: 'vpc-0ddd0ddd0ddd0ddd1' }]);
  expect(problems).toEqual([expect.stringContaining('it tells no age')]);
});

test('where nothing was recorded for a while, states of before tell nothing', () => {
  const { configurationItems } = fixture('SecurityGroup') as { configurationItems: Raw[] };
  const unrecorded = { ...configurationItems[1], configurationItemStatus: 'ResourceNotRecorded' };
  const { rules } = told({ configurationItems: [unrecorded, configurationItems[2]!] });
  expect(rules).toEqual([]);
});

test('an interface tells its groups and addresses, from its attachment on', () => {
  const { interfaces } = told(fixture('NetworkInterface'));
  const shown = interfaces.map(({ at, change }) => {
    const what =
      change.what === 'made'
        ? `${change.iface.groupIds.join()} ${change.iface.prefixes.map(formatPrefix).join()}`
        : change.what === 'groups'
          ? change.groupIds.join()
          : change.what === 'addresses'
            ? change.prefixes.map(formatPrefix).join()
            : '';
    return `${day(at)} ${change.what} ${what}`;
  });
  expect(shown).toEqual([
    '01-10T08:58 made sg-0aaa0aaa0aaa0aaa1 10.0.1.24/32',
    '01-11T09:00 groups sg-0aaa0aaa0aaa0aaa2',
    '01-11T09:00 addresses 10.0.1.24/32,10.0.1.25/32',
    '01-12T09:00 gone ',
  ]);
});

const recorded = (since: string): Raw => ({
  configurationItems: [],
  Recorder: { recording: true, lastStartTime: since },
});
const LIST = inventoryOf({
  prefixLists: [{ PrefixListId: 'pl-0ccc0ccc0ccc0ccc1' }],
  entries: { 'pl-0ccc0ccc0ccc0ccc1': ['203.0.113.0/24', '192.0.2.0/24', '198.51.100.0/24'] },
});

function agesOf(...pages: Raw[]): string[] {
  const { ages } = pastOf(told(fixture('PrefixList'), ...pages), LIST, undefined);
  return ['203.0.113.0/24', '192.0.2.0/24', '198.51.100.0/24'].map((cidr) => {
    const age = ages.get(entryKey({ prefixListId: 'pl-0ccc0ccc0ccc0ccc1', prefix: parsePrefix(cidr)! }));
    if (!age) return 'unknown';
    return age.since === Infinity ? 'new' : `${age.atLeast ? '>= ' : ''}${day(age.since)}`;
  });
}

test('a list tells ages as far as states were recorded without a break; what went and stands is new', () => {
  expect(agesOf(recorded('2026-01-01T00:00:00Z'))).toEqual(['>= 01-10T09:00', '01-11T09:00', 'new']);
  expect(agesOf(recorded('2026-01-11T12:00:00Z'))).toEqual(['>= 01-11T12:00', '>= 01-11T12:00', 'new']);
  expect(agesOf()).toEqual(['unknown', 'unknown', 'new']);
  expect(agesOf({ configurationItems: [], Recorder: { recording: false } })).toEqual(['unknown', 'unknown', 'new']);
});

test.each<[why: string, page: Raw, problem: string]>([
  ['no item', { configurationItems: [{ resourceId: 'x' }] }, 'config-history: 1 item could not be read'],
  ['output that was cut', { ...fixture('SecurityGroup'), nextToken: 'x' }, 'the output was cut'],
])('what cannot be read is told, and tells nothing: %s', (_, page, problem) => {
  const { problems, rules } = told(page);
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(rules).toEqual([]);
});

test('a state that cannot be read is passed over: nothing went, and nothing is new', () => {
  const { configurationItems } = fixture('SecurityGroup') as { configurationItems: Raw[] };
  const broken = configurationItems.map((one, i) =>
    i === 0 ? { ...one, configurationItemStatus: 'OK', configuration: '{' } : one,
  );
  const { rules, problems } = told({ configurationItems: broken });
  expect(rules.filter(({ what }) => what === 'gone')).toHaveLength(1);
  expect(problems).toContain('config-history: 1 item could not be read');
});

test('what stands behind a state that cannot be read is no older than the next that can', () => {
  const { configurationItems } = fixture('SecurityGroup') as { configurationItems: Raw[] };
  const [newest, oldest] = [configurationItems[0]!, configurationItems.at(-1)!];
  const between = { ...newest, configurationItemStatus: 'OK', configuration: '{"groupId": "sg-other"}' };
  const times = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z'];
  const items = [oldest, between, oldest].map((one, i) => ({ ...one, configurationItemCaptureTime: times[i] }));
  const { rules } = told({ configurationItems: items });
  expect(new Set(rules.map(({ what }) => what))).toEqual(new Set(['seen', 'made']));
});

const DAY = 86_400;
test.each<[why: string, cloudTrail: string, config: string, merged: string, contradicts: boolean]>([
  ['both at least: the older', '>= 90', '>= 400', '>= 400', false],
  ['a birth of before the history', '>= 90', '200', '200', false],
  ['the same birth, captured later', '50', '49.5', '50', false],
  ['a birth that Config saw stand before', '50', '>= 60', '50', true],
  ['a birth of which CloudTrail tells nothing', '>= 90', '50', '50', true],
  ['two births', '50', '30', '30', true],
  ['a birth soon after the history begins', '>= 50.5', '50', '50', true],
])('of two ages %s', (_, cloudTrail, config, merged, contradicts) => {
  const past = (text: string, source: Age['source']): Past => {
    const age = { since: -DAY * Number(text.replace('>= ', '')), atLeast: text.startsWith('>='), source };
    const none = { changes: new Map(), rules: [], entries: [], interfaces: [], formerGroups: new Map(), problems: [] };
    return { ...none, ages: new Map([['x', age]]) };
  };
  const { ages, problems } = mergePasts(past(cloudTrail, 'cloudtrail'), past(config, 'config'));
  const { since, atLeast } = ages.get('x')!;
  expect(`${atLeast ? '>= ' : ''}${String(-since / DAY)}`).toBe(merged);
  expect(problems).toHaveLength(contradicts ? 1 : 0);
});
