import { expect, test } from '@jest/globals';
import { readTold } from '../../../services/command-line/files/read-inventory.ts';
import { cloudTrailHistory, createCloudTrailClient } from '../../../services/recall-account/cloudtrail-adapter.ts';
import { Pace } from '../../../services/recall-account/pace.ts';
import { EventRecall } from '../../../services/recall-account/recall-events.ts';
import { RecalledFolder } from '../../../services/recall-account/recalled-folder.ts';
import { GROUP_EVENTS, OTHER_EVENTS, RULE_EVENTS } from '../../../shared/inventory/past/event-names.ts';
import { contentKey, inventoryDigest } from '../../../shared/inventory/past/past.ts';
import { pastOf } from '../../../shared/inventory/past/past-of.ts';
import { awsRule, inventoryOf } from '../../shared/inventory/aws-shorthand.ts';
import { authorizedEvent, madeEvent } from '../../shared/inventory/past/events.ts';
import { scratch } from '../command-line/scratch.ts';
import { FakeCloudTrail } from './fake-cloudtrail.ts';

const folder = scratch();
const DAY = 86_400;
const TAKEN_AT = 20_000 * DAY;

/** Nothing waits in earnest. */
class FakeClock {
  milliseconds = 1000 * TAKEN_AT + 2000;
  now(): number {
    return this.milliseconds;
  }
  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.milliseconds += milliseconds;
    return Promise.resolve();
  }
}

interface Options {
  readonly calls?: number;
  readonly unknown?: readonly string[];
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
}

function world(...shorthands: string[]) {
  const now = inventoryOf({
    rules: shorthands.map((text, i) => awsRule(text, { SecurityGroupRuleId: `sgr-${String(i + 1)}` })),
  });
  const clock = new FakeClock();
  const cloudTrail = new FakeCloudTrail(() => clock.now());
  const recall = async ({ calls = 1000, unknown = [], resume, signal }: Options = {}) => {
    await folder.write({ 'inv/security-groups.json': {} });
    const recalled = new RecalledFolder(folder.path('inv'));
    if (!resume) await recalled.begin(TAKEN_AT, 90, inventoryDigest(now));
    const { takenAt, parts } = await recalled.begun();
    const pace = new Pace(calls, clock, signal ?? new AbortController().signal);
    const history = cloudTrailHistory(createCloudTrailClient({ region: 'eu-central-1' }));
    const ports = { history, pace, keep: (page: object) => recalled.keep(page), tell: () => undefined };
    const events = new EventRecall(ports, { takenAt, days: 90, unknown, read: parts });
    await events.begin();
    await events.end();
    return { missing: [...events.missing], calls: pace.made };
  };
  const told = async () => (await readTold(folder.path('inv')))[0]!;
  /** Of the rule of that number. */
  const ageOf = async (number = 1) => {
    const age = pastOf(await told(), now, TAKEN_AT).ages.get(contentKey(now.rules[number - 1]!));
    return age && `${age.atLeast ? '>= ' : ''}${String(Math.round((TAKEN_AT - age.since) / DAY))} days`;
  };
  return { clock, cloudTrail, recall, told, ageOf };
}

const WEB = 'in tcp 443 10.0.0.0/8';
const SSH = 'in tcp 22 10.0.0.0/8';

test('what is written is what is read: ages by silence and by birth, two calls a second', async () => {
  const { clock, cloudTrail, recall, ageOf } = world(WEB, SSH);
  cloudTrail.add(authorizedEvent(TAKEN_AT - 30 * DAY, SSH, 'sgr-2'));
  const { missing, calls } = await recall();
  expect(missing).toEqual([]);
  expect(calls).toBe(2 * RULE_EVENTS.length + OTHER_EVENTS.length);
  expect(clock.milliseconds).toBeGreaterThanOrEqual(1000 * (TAKEN_AT + 960));
  expect(await ageOf(1)).toBe('>= 90 days');
  expect(await ageOf(2)).toBe('30 days');
});

test('a rule that was made in the last minutes is told late, and found all the same', async () => {
  const { cloudTrail, recall, ageOf } = world(WEB);
  cloudTrail.late = 600;
  cloudTrail.add(authorizedEvent(TAKEN_AT - 60, WEB));
  expect((await recall()).missing).toEqual([]);
  expect(await ageOf()).toBe('0 days');
});

test('a rule that was made just before the snapshot is found, though the clock was slow', async () => {
  const { cloudTrail, recall, ageOf } = world(WEB);
  cloudTrail.add(authorizedEvent(TAKEN_AT + 50, WEB));
  expect((await recall()).missing).toEqual([]);
  expect(await ageOf()).toBe('0 days');
});

const GROUP_SET = { items: [{ groupId: 'sg-1' }] };

test('many events are read page by page, once', async () => {
  const { cloudTrail, recall, told } = world();
  const networkInterface = { vpcId: 'vpc-1', privateIpAddress: '10.0.0.1', groupSet: GROUP_SET };
  for (let i = 0; i < 2345; i++) {
    // Seven in each second, so that parts end within one.
    const at = TAKEN_AT - 10_000 - Math.floor(i / 7);
    const response = { networkInterface: { ...networkInterface, networkInterfaceId: `eni-${String(i)}` } };
    cloudTrail.add(madeEvent('CreateNetworkInterface', at, { i }, response));
  }
  expect((await recall()).missing).toEqual([]);
  const { interfaces } = await told();
  expect([interfaces.length, new Set(interfaces.map(({ interfaceId }) => interfaceId)).size]).toEqual([2345, 2345]);
});

test('a run that was stopped goes on where it was; so does one whose calls were spent', async () => {
  const { cloudTrail, recall, told, ageOf } = world(SSH);
  for (let i = 0; i < 500; i++) cloudTrail.add(authorizedEvent(TAKEN_AT - DAY - 60 * i, WEB, `sgr-x${String(i)}`));
  const first = await recall({ calls: 10 });
  expect(first.calls).toBe(10);
  expect(first.missing[0]).toMatch(/^all AuthorizeSecurityGroupIngress before \d{4}-/);
  expect(await ageOf()).toBeUndefined();
  const { length } = (await told()).rules;
  expect(length).toBeGreaterThan(100);
  const second = await recall({ resume: true });
  expect(second.missing).toEqual([]);
  // The pages of before are not asked for again.
  expect(first.calls + second.calls).toBeLessThan(2 * RULE_EVENTS.length + OTHER_EVENTS.length + 20);
  expect((await told()).rules).toHaveLength(500);
  expect(await ageOf()).toBe('>= 90 days');

  const stopped = new AbortController();
  stopped.abort(new Error('stopped'));
  await expect(recall({ resume: true, signal: stopped.signal })).rejects.toThrow('stopped');
});

test('unknown interfaces are asked for by id, in the order given, before all that is only useful', async () => {
  const { cloudTrail, recall, told } = world();
  const networkInterface = {
    networkInterfaceId: 'eni-b',
    vpcId: 'vpc-1',
    privateIpAddress: '10.0.0.1',
    groupSet: GROUP_SET,
  };
  cloudTrail.add(madeEvent('CreateNetworkInterface', TAKEN_AT - DAY, {}, { networkInterface }), 'eni-b');
  // Without what changes groups, nobody would know that they kept them.
  const calls = 2 * RULE_EVENTS.length + GROUP_EVENTS.length + 2;
  const { missing } = await recall({ calls, unknown: ['eni-a', 'eni-b', 'eni-c'] });
  expect(missing).toContainEqual(expect.stringContaining('all eni-c before'));
  expect((await told()).interfaces.map(({ interfaceId }) => interfaceId)).toEqual(['eni-b']);
});

test('without the right nothing is read, and that is said', async () => {
  const { cloudTrail, recall, ageOf } = world(WEB);
  cloudTrail.denied = true;
  expect(await recall()).toEqual({
    missing: ['cloudtrail:LookupEvents is not allowed (AccessDeniedException)'],
    calls: 1,
  });
  expect(await ageOf()).toBeUndefined();
});

test('there is nothing to go on with where no run began', async () => {
  await folder.write({ 'inv/security-groups.json': {} });
  await expect(new RecalledFolder(folder.path('inv')).begun()).rejects.toThrow(/no history was begun here/);
});

test('the history of one snapshot does not vouch for the rules of another', async () => {
  const { recall, told } = world(WEB);
  expect((await recall()).missing).toEqual([]);
  const other = inventoryOf({ rules: [awsRule(WEB), awsRule(SSH, { SecurityGroupRuleId: 'sgr-2' })] });
  const { ages, problems } = pastOf(await told(), other, undefined);
  expect(ages.size).toBe(0);
  expect(problems).toEqual([expect.stringContaining('read for other rules')]);
});
