import { expect, test } from '@jest/globals';
import { cloudTrailHistory, createCloudTrailClient } from '../../../services/recall-account/cloudtrail-adapter.ts';
import { configStates, createConfigClient } from '../../../services/recall-account/config-adapter.ts';
import { recallNight, type NightRecallPorts, type RecallRound } from '../../../services/recall-account/recall-night.ts';
import { RecalledPages } from '../../../services/recall-account/recalled-pages.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import { contentKey } from '../../../shared/inventory/past/past.ts';
import { readPast, pastText, type RecalledPast } from '../../../shared/inventory/past/past-file.ts';
import { isoTime } from '../../../shared/time.ts';
import { awsRule, inventoryOf } from '../../shared/inventory/aws-shorthand.ts';
import { askedFor, authorizedEvent, madeEvent } from '../../shared/inventory/past/events.ts';
import { FakeCloudTrail } from './fake-cloudtrail.ts';
import { FakeConfig } from './fake-config.ts';

const DAY = 86_400;
const NIGHT = 20_000 * DAY + 3 * 3600;
const WEB = 'in tcp 443 10.0.0.0/8';
const SSH = 'in tcp 22 10.0.0.0/8';
const ALL_NAMES = RULE_EVENTS.length + OTHER_EVENTS.length;

interface Night {
  /** Snapshots, by the time when they were taken, and what rules they show. */
  readonly snapshots?: Readonly<Record<number, readonly string[]>>;
  readonly unknown?: readonly string[];
  readonly timeLeft?: number;
  /** When anybody last looked; all the time unless told. */
  readonly lookedAt?: number;
}

function world({ snapshots = { [NIGHT - 12 * 3600]: [WEB] }, unknown = [], timeLeft = 900_000, lookedAt }: Night = {}) {
  let now = 0;
  const cloudTrail = new FakeCloudTrail(() => now);
  const config = new FakeConfig();
  const pages = new Map<string, string>();
  const published: RecalledPast[] = [];
  const calls: number[] = [];
  const of = (texts: readonly string[]) =>
    inventoryOf({ rules: texts.map((text, i) => awsRule(text, { SecurityGroupRuleId: `sgr-${String(i + 1)}` })) });
  const ports: NightRecallPorts = {
    events: cloudTrailHistory(createCloudTrailClient({ region: 'eu-central-1' })),
    states: configStates(createConfigClient({ region: 'eu-central-1' })),
    pages: {
      keys: async () => [...pages.keys()].reverse(),
      read: async (key) => pages.get(key)!,
      write: async (name, text) => void pages.set(`${name} ${String(pages.size)}`, text),
    },
    clock: {
      now: () => now,
      sleep: async (milliseconds) => void (now += milliseconds),
    },
    timeLeft: () => timeLeft,
    snapshotBy: async (time) => {
      const times = Object.keys(snapshots).map(Number);
      const takenAt = times.findLast((one) => one <= time) ?? times[0]!;
      return { takenAt, lookedAt: lookedAt ?? time, inventory: of(snapshots[takenAt]!) };
    },
    unknownOn: async () => unknown,
    publish: async (recalled) => void published.push(readPast(pastText(recalled))!),
    report: (figures) => calls.push(figures.calls),
  };
  /** One round; by default some seconds after the night began. */
  const round = (night: number, number = 1, at = night + 5): Promise<RecallRound> => {
    now = Math.max(now, 1000 * at);
    return recallNight({ startedAt: isoTime(night), round: number }, ports);
  };
  const ageOf = (text: string): string | undefined => {
    const { past, until } = published.at(-1)!;
    const age = past.ages.get(contentKey(of([text]).rules[0]!));
    return age && `${age.atLeast ? '>= ' : ''}${String(Math.round((until - age.since) / DAY))} days`;
  };
  return { cloudTrail, config, round, published, pages, calls, ageOf };
}

test('an event that is none is refused', async () => {
  const { round } = world();
  await expect(round(NIGHT, 0)).rejects.toThrow(/^nothing to recall: .*round/s);
});

test('asks until a quarter of an hour before the night, of a snapshot that was read by then', async () => {
  const { cloudTrail, round, published, ageOf } = world({
    snapshots: { [NIGHT - 3600]: [WEB], [NIGHT - 1000]: [WEB, SSH] },
  });
  expect(await round(NIGHT)).toEqual({ round: 2, again: false, waitSeconds: 1 });
  expect(new Set(cloudTrail.asked.map(({ EndTime }) => EndTime!.getTime() / 1000))).toEqual(new Set([NIGHT - 900]));
  expect(published).toHaveLength(1);
  expect(published[0]).toMatchObject({ until: NIGHT - 900, wholeSince: expect.any(Number), missing: [] });
  expect([ageOf(WEB), ageOf(SSH)]).toEqual(['>= 90 days', undefined]);
});

test.each([
  ['six hours before', NIGHT - 900 - 6 * 3600, expect.any(Number)],
  ['a second more', NIGHT - 900 - 6 * 3600 - 1, undefined],
])('knows no day whole where snapshots had stopped: %s', async (_when, lookedAt, since) => {
  const { round, published } = world({ lookedAt });
  await round(NIGHT);
  expect(published[0]!.wholeSince).toEqual(since);
});

test('waits where the first snapshot is too young, and asks then', async () => {
  const taken = NIGHT - 60;
  const { cloudTrail, round, published } = world({ snapshots: { [taken]: [WEB] } });
  const early = await round(NIGHT);
  expect(early).toEqual({ round: 2, again: true, waitSeconds: taken + 300 + 900 - NIGHT - 5 });
  expect([cloudTrail.asked, published]).toEqual([[], []]);
  expect(await round(NIGHT, 6)).toMatchObject({ again: false });
  expect(await round(NIGHT, 2, NIGHT + 5 + early.waitSeconds)).toMatchObject({ again: false });
  expect(published[0]!.until).toBe(taken + 300);
});

test('is cut by its time, says what is missing, and goes on in the next round, and in the next night', async () => {
  // Of ten seconds, with two calls in each.
  const { cloudTrail, round, published, calls, ageOf } = world({
    unknown: ['eni-00000001', '../x'],
    timeLeft: 180_000 + 10_000,
  });
  for (let i = 0; i < 2600; i++) cloudTrail.add(authorizedEvent(NIGHT - 2 * DAY - 60 * i, SSH, `sgr-x${String(i)}`));
  expect(await round(NIGHT)).toEqual({ round: 2, again: true, waitSeconds: 1 });
  expect(published[0]!.missing[0]).toMatch(/^all AuthorizeSecurityGroupIngress before \d{4}-/);
  expect(published[0]!.missing.at(-1)).toBe(`and ${String(ALL_NAMES - 9)} more, which the next night asks for`);
  // As many rounds as there are in a night, and no more.
  expect(await round(NIGHT, 6)).toEqual({ round: 7, again: false, waitSeconds: 1 });
  expect(ageOf(WEB)).toBeUndefined();
  let rounds = 1;
  while ((await round(NIGHT + DAY, rounds)).again) rounds++;
  expect(rounds).toBeGreaterThan(1);
  expect(rounds).toBeLessThan(5);
  expect(published.at(-1)).toMatchObject({ missing: [], wholeSince: expect.any(Number) });
  expect(published.at(-2)!.wholeSince).toBeUndefined();
  expect(ageOf(WEB)).toBe('>= 90 days');
  // No page was asked for twice, but those in which it was cut.
  const sum = calls.reduce((all, some) => all + some, 0);
  expect(sum).toBeLessThan(2600 / 50 + 2 * ALL_NAMES + 20);
  const { length } = cloudTrail.asked;
  await round(NIGHT + 2 * DAY);
  const ofThird = cloudTrail.asked.slice(length);
  expect(ofThird.map(({ StartTime }) => StartTime!.getTime() / 1000 - NIGHT - DAY)).toEqual(
    Array<number>(ALL_NAMES + 1).fill(-899),
  );
  const values = cloudTrail.asked.map(({ LookupAttributes }) => LookupAttributes![0]!.AttributeValue);
  expect([values.includes('eni-00000001'), values.includes('../x')]).toEqual([true, false]);
});

test('asks no more once its time is over, and says so', async () => {
  const { round, published } = world({ timeLeft: 180_000 });
  expect(await round(NIGHT)).toMatchObject({ again: true });
  expect(published[0]!.missing).toHaveLength(ALL_NAMES > 10 ? 11 : ALL_NAMES);
});

test('of a night that may not ask it keeps what was known until then', async () => {
  const { cloudTrail, config, round, published, ageOf } = world({
    snapshots: { [NIGHT - 3600]: [WEB], [NIGHT + 3600]: [WEB, SSH] },
  });
  await round(NIGHT);
  [cloudTrail.denied, config.denied] = [true, true];
  expect(await round(NIGHT + DAY)).toMatchObject({ again: false });
  expect(published[1]).toEqual({
    ...published[0],
    missing: [expect.stringContaining('LookupEvents is not allowed'), expect.stringContaining('may not be asked')],
  });
  cloudTrail.denied = false;
  await round(NIGHT + 2 * DAY);
  expect([ageOf(WEB), ageOf(SSH)]).toEqual(['>= 92 days', '>= 92 days']);
});

test('where one of the two fails, what the other told counts, and the round is to be done again', async () => {
  const { config, round, published, ageOf } = world();
  Object.defineProperty(config, 'denied', {
    get: () => {
      throw new Error('no way there');
    },
  });
  await expect(round(NIGHT)).rejects.toThrow('no way there');
  expect(published[0]!.missing).toEqual(['asking failed: Error: no way there']);
  expect(ageOf(WEB)).toBe('>= 90 days');
});

test('asks AWS Config once a week for each resource, and for interfaces that came since', async () => {
  const { config, round, published } = world();
  config.recordingSince = new Date(1000 * (NIGHT - 400 * DAY));
  const item = (resourceId: string, at: number) => ({
    resourceType: 'AWS::EC2::NetworkInterface' as const,
    resourceId,
    configurationItemStatus: 'OK' as const,
    configurationItemCaptureTime: new Date(1000 * at),
    configuration: JSON.stringify({
      networkInterfaceId: resourceId,
      vpcId: 'vpc-1',
      privateIpAddress: '10.0.0.1',
      privateIpAddresses: [{ privateIpAddress: '10.0.0.1', primary: true }],
      groups: [{ groupId: 'sg-1' }],
    }),
  });
  const gone = (resourceId: string, at: number) => ({
    ...item(resourceId, at),
    configurationItemStatus: 'ResourceDeleted' as const,
    configuration: undefined,
  });
  config.items.push(item('eni-00000001', NIGHT - DAY), gone('eni-00000001', NIGHT - DAY + 600));
  await round(NIGHT);
  expect(published[0]!.past.interfaces).toMatchObject([
    { of: { interfaceId: 'eni-00000001' }, source: 'config', until: NIGHT - DAY + 600 },
  ]);
  config.items.push(item('eni-00000002', NIGHT + 600), gone('eni-00000002', NIGHT + 900));
  config.asked.length = 0;
  await round(NIGHT + DAY);
  expect(config.asked).toEqual(['eni-00000002']);
  expect(published[1]!.past.interfaces.map(({ of }) => of.interfaceId)).toEqual(['eni-00000001', 'eni-00000002']);
});

test('asks AWS Config again after a week, so that what it said then does not contradict what came since', async () => {
  const { cloudTrail, config, round, published, ageOf } = world({
    snapshots: { [NIGHT - 12 * 3600]: [SSH], [NIGHT + 10 * DAY]: [SSH, WEB] },
  });
  config.recordingSince = new Date(1000 * (NIGHT - 400 * DAY));
  const recorded = (at: number, ...ports: number[]): void => {
    const ipPermissions = ports.map((port) => {
      return { ipProtocol: 'tcp', fromPort: port, toPort: port, ipv4Ranges: [{ cidrIp: '10.0.0.0/8' }] };
    });
    config.items.push({
      resourceType: 'AWS::EC2::SecurityGroup',
      resourceId: 'sg-1',
      configurationItemStatus: 'OK',
      configurationItemCaptureTime: new Date(1000 * at),
      configuration: JSON.stringify({ groupId: 'sg-1', vpcId: 'vpc-1', ipPermissions, ipPermissionsEgress: [] }),
    });
  };
  recorded(NIGHT - 60 * DAY, 22, 443);
  recorded(NIGHT - 5 * DAY, 22);
  await round(NIGHT);
  cloudTrail.add(authorizedEvent(NIGHT + 9 * DAY, WEB, 'sgr-2'));
  recorded(NIGHT + 9 * DAY, 22, 443);
  await round(NIGHT + 11 * DAY);
  // Two pages of two states each.
  expect(config.asked).toEqual(['sg-1', 'sg-1', 'sg-1']);
  expect([ageOf(SSH), ageOf(WEB)]).toEqual(['>= 101 days', '2 days']);
  expect(published[1]!.past.problems).toEqual([]);
  // Of two answers the newer one counts, whoever reads them.
  await round(NIGHT + 12 * DAY);
  expect(config.asked).toHaveLength(3);
  expect(published[2]!.past.problems).toEqual([]);
  expect(ageOf(WEB)).toBe('3 days');
});

test('of two answers of AWS Config on one resource the newer one is held, and no more', async () => {
  const page = (askedAt: number, groupId: string) => {
    const networkInterface = { networkInterfaceId: 'eni-1', privateIpAddress: '10.0.0.1', groups: [{ groupId }] };
    const item = {
      resourceType: 'AWS::EC2::NetworkInterface',
      resourceId: 'eni-1',
      configurationItemStatus: 'OK',
      configurationItemCaptureTime: NIGHT - 30 * DAY,
      configuration: JSON.stringify(networkInterface),
    };
    const Resource = { type: item.resourceType, id: item.resourceId, askedAt };
    return JSON.stringify({ pages: [{ configurationItems: [item], Resource }] });
  };
  const stored = [page(NIGHT, 'sg-new'), page(NIGHT - 7 * DAY, 'sg-old')];
  const store = {
    keys: async () => ['0', '1'],
    read: async (key: string) => stored[Number(key)]!,
    write: async () => undefined,
  };
  const pages = new RecalledPages(store, () => NIGHT + DAY);
  await pages.load();
  const changes = pages.told.flatMap(({ interfaces }) => interfaces.map(({ change }) => change));
  expect(changes).toMatchObject([{ what: 'made', iface: { groupIds: ['sg-new'] } }]);
  const type = 'AWS::EC2::NetworkInterface';
  expect([pages.has(type, 'eni-1'), pages.has(type, 'eni-2')]).toEqual([true, false]);
});

test('of more changes of interfaces than there is room for, the latest count, and nothing is taken for whole', async () => {
  const page = (name: string, at: number) => {
    const networkInterface = { networkInterfaceId: `eni-${name}`, privateIpAddress: '10.0.0.1', groupSet: {} };
    const events = [
      madeEvent(
        'CreateNetworkInterface',
        at,
        { name },
        { networkInterface: { ...networkInterface, groupSet: { items: [{ groupId: 'sg-1' }] } } },
      ),
    ];
    return { ...askedFor('CreateNetworkInterface', at - 60, at), Events: events };
  };
  const stored = ['new', 'old'].map((name, i) =>
    JSON.stringify({ pages: [page(name, NIGHT - i * DAY), askedFor('CreateVpc', NIGHT - 60, NIGHT)] }),
  );
  const store = {
    keys: async () => ['0', '1'],
    read: async (key: string) => stored[Number(key)]!,
    write: async () => undefined,
  };
  const pages = new RecalledPages(store, () => NIGHT, 1);
  await pages.load();
  expect(pages.told.flatMap(({ interfaces }) => interfaces.map(({ interfaceId }) => interfaceId))).toEqual(['eni-new']);
  expect(pages.told.map(({ asked }) => asked.map(({ eventName }) => eventName))).toEqual([
    ['CreateNetworkInterface', 'CreateVpc'],
    ['CreateVpc'],
  ]);
  expect(pages.parts).toHaveLength(4);
  expect(pages.missing).toEqual([expect.stringMatching(/more than 1 changes/)]);
});
