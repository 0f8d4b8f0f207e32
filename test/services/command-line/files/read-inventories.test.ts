import { expect, test } from '@jest/globals';
import { readHistory } from '../../../../services/command-line/files/read-inventories.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../../shared/inventory/past/event-names.ts';
import { inventoryDigest } from '../../../../shared/inventory/past/past.ts';
import { dayFromIso, isoDay } from '../../../../shared/time.ts';
import { askedFor } from '../../../shared/inventory/past/events.ts';
import { scratch, type Files } from '../scratch.ts';
import { INVENTORY } from '../small-account.ts';

const folder = scratch();

const SECONDS = Date.UTC(2026, 0, 12, 12) / 1000;
const DAY = 86_400;

/** The small account at noon of these days of January 2026. */
function takenAtNoon(days: readonly number[], more: (day: number) => Files = () => ({})): Files {
  const files = days.flatMap((day) =>
    Object.entries({ ...INVENTORY, ...more(day) }).map(([path, content]) => [
      path.replace('inventory/', `taken/2026-01-${day}T12-00-00Z/`),
      content,
    ]),
  );
  return Object.fromEntries(files) as Files;
}

async function outdated(...folders: string[]): Promise<string[]> {
  const { history } = await readHistory(folders.map((name) => folder.path(name)));
  const first = dayFromIso('2026-01-12')!;
  const days = Array.from({ length: 10 }, (_, i) => first + i);
  return days.filter((day) => history!.inForceOn(day).outdated).map((day) => isoDay(day).slice(-2));
}

test('days between dated snapshots and after the last that none is near', async () => {
  await folder.write(takenAtNoon([11, 12, 13, 17, 18]));
  expect(await outdated('taken')).toEqual(['14', '15', '16', '19', '20', '21']);
});

test('of several accounts a day needs one of each', async () => {
  const groups = { SecurityGroups: [{ GroupId: 'sg-2', GroupName: 'other', VpcId: 'vpc-2', OwnerId: '444455556666' }] };
  const rules = { SecurityGroupRules: [] };
  const other = {
    'inventory/security-groups.json': groups,
    'inventory/security-group-rules.json': rules,
    'inventory/network-interfaces.json': { NetworkInterfaces: [] },
  };
  await folder.write(takenAtNoon([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]));
  const others = Object.entries(takenAtNoon([11, 12, 14, 20], () => other));
  await folder.write(Object.fromEntries(others.map(([path, content]) => [path.replace('taken/', 'other/'), content])));
  expect(await outdated('taken')).toEqual([]);
  expect(await outdated('taken', 'other')).toEqual(['13', '15', '16', '17', '18', '19', '21']);
});

test.each<[why: string, from: number, unasked: string, digest: 'own' | 'other' | 'none', outdated: string[]]>([
  ['all', 11, '', 'own', []],
  ['all, by hand', 11, '', 'none', []],
  ['all since the 15th', 15, '', 'own', ['14', '15']],
  ['not the attributes of interfaces', 11, 'ModifyNetworkInterfaceAttribute', 'own', ['14', '15', '16']],
  ['all, of another inventory', 11, '', 'other', ['14', '15', '16']],
])('between two CloudTrail tells, of what was asked: %s', async (_why, from, unasked, digest, days) => {
  await folder.write(takenAtNoon([13]));
  const { newest } = await readHistory([folder.path('taken')]);
  const RulesDigest = { own: inventoryDigest(newest), other: 'other', none: undefined }[digest];
  const names = [...RULE_EVENTS, ...OTHER_EVENTS].filter((name) => name !== unasked);
  const pages = names.map((name, i): [string, unknown] => [
    `inventory/cloudtrail-events.${String(i + 1)}.json`,
    { ...askedFor(name, SECONDS + (from - 12) * DAY, SECONDS + 9 * DAY), RulesDigest },
  ]);
  await folder.write(
    takenAtNoon([11, 12, 13, 17, 18, 19, 20, 21], (day) => (day === 21 ? Object.fromEntries(pages) : {})),
  );
  expect(await outdated('taken')).toEqual(days);
});
