import { readFileSync } from 'node:fs';
import type { ConfigurationItem } from '@aws-sdk/client-config-service';
import { expect, test } from '@jest/globals';
import { readTold } from '../../../services/command-line/files/read-inventory.ts';
import { configStates, createConfigClient } from '../../../services/recall-account/config-adapter.ts';
import { Pace } from '../../../services/recall-account/pace.ts';
import { recallStates, type ResourceType } from '../../../services/recall-account/recall-states.ts';
import { RecalledFolder } from '../../../services/recall-account/recalled-folder.ts';
import { toldByConfig } from '../../../shared/inventory/past/config-items.ts';
import { pagesOf } from '../../shared/inventory/aws-shorthand.ts';
import { scratch } from '../command-line/scratch.ts';
import { FakeConfig } from './fake-config.ts';

const folder = scratch();
const FROM = Date.UTC(2026, 0, 1) / 1000;
const CLOCK = { now: () => 0, sleep: () => Promise.resolve() };
const [GROUP, LIST, INTERFACE] = ['sg-0aaa0aaa0aaa0aaa1', 'pl-0ccc0ccc0ccc0ccc1', 'eni-0999099909990999b'];

type Raw = ConfigurationItem & { readonly configurationItemCaptureTime: string };

const page = (name: string): { configurationItems: Raw[] } =>
  JSON.parse(readFileSync(new URL(`../../fixtures/config/${name}.json`, import.meta.url), 'utf8')) as {
    configurationItems: Raw[];
  };
const NAMES = ['SecurityGroup', 'PrefixList', 'NetworkInterface'];

function world() {
  const config = new FakeConfig();
  config.recordingSince = new Date(FROM * 1000);
  for (const { configurationItems } of NAMES.map(page)) {
    for (const one of configurationItems) {
      config.items.push({ ...one, configurationItemCaptureTime: new Date(one.configurationItemCaptureTime) });
    }
  }
  const resources: Record<ResourceType, readonly string[]> = {
    'AWS::EC2::SecurityGroup': [GROUP, 'sg-unrecorded'],
    'AWS::EC2::PrefixList': [LIST],
    'AWS::EC2::NetworkInterface': [],
  };
  const recall = async (calls = 100) => {
    await folder.write({ 'inv/security-groups.json': {} });
    const recalled = new RecalledFolder(folder.path('inv'));
    const pace = new Pace(calls, CLOCK, new AbortController().signal);
    const missing = await recallStates(
      {
        history: configStates(createConfigClient({ region: 'eu-central-1' })),
        pace,
        isKept: (type, id) => recalled.hasStates(type, id),
        keep: (type, id, states) => {
          recalled.keepStates(type, id, states);
        },
        tell: () => undefined,
      },
      { from: FROM, resources },
    );
    return { missing, calls: pace.made };
  };
  return { config, recall };
}

test('what is written is what is read: named resources, and interfaces that are gone', async () => {
  const { config, recall } = world();
  expect((await recall()).missing).toEqual([]);
  expect(await folder.filesIn('inv/config-history')).toEqual([
    `NetworkInterface-${INTERFACE}.json`,
    `PrefixList-${LIST}.json`,
    `SecurityGroup-${GROUP}.json`,
    'SecurityGroup-sg-unrecorded.json',
  ]);
  const [told] = await readTold(folder.path('inv'));
  const byHand = toldByConfig(pagesOf('config-history/x.json', ...NAMES.map(page)));
  const inOrder = (all: readonly unknown[]): string[] => all.map((one) => JSON.stringify(one)).sort();
  for (const key of ['rules', 'groups', 'entries', 'interfaces'] as const) {
    expect(byHand[key].length).toBeGreaterThan(0);
    expect(inOrder(told![key])).toEqual(inOrder(byHand[key]));
  }
  expect([told!.recordedSince, told!.problems]).toEqual([FROM, []]);
  expect(config.asked).toContain('sg-unrecorded');
});

test('a run whose calls were spent goes on where it was', async () => {
  const { config, recall } = world();
  const first = await recall(9);
  expect(first.missing).toEqual(['states of AWS Config: no call was left for all of them']);
  expect(config.asked).toEqual([GROUP, GROUP]);
  expect((await recall()).missing).toEqual([]);
  expect(config.asked.filter((id) => id === GROUP)).toHaveLength(2);
});

test('where nothing is recorded, or nobody may ask, nothing is read, and that is said', async () => {
  const { config, recall } = world();
  config.recordingSince = undefined;
  expect((await recall()).missing).toEqual(['AWS Config records nothing here']);
  config.denied = true;
  expect((await recall()).missing).toEqual(['AWS Config may not be asked (AccessDeniedException)']);
  expect(await folder.filesIn('inv/config-history')).toEqual([]);
});

test('what is no id becomes no path', async () => {
  await folder.write({ 'inv/security-groups.json': {} });
  expect(() => new RecalledFolder(folder.path('inv')).hasStates('AWS::EC2::SecurityGroup', '../x')).toThrow(
    'not the id of a resource',
  );
});
