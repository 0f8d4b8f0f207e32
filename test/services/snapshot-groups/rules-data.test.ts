import { describe, expect, test } from '@jest/globals';
import { type RuleItem, rulesDataChanges, type SnapshotTimes } from '../../../services/snapshot-groups/rules-data.ts';
import { ruleContent } from '../../../shared/inventory/content.ts';
import type { Rule } from '../../../shared/inventory/inventory.ts';
import { awsRule, inventoryOf } from '../../shared/inventory/aws-shorthand.ts';

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const HOUR = 3600;
const DAY = 24 * HOUR;
/** Midnight of some day. */
const T0 = 20_000 * DAY;

const SSH = 'in tcp 22-23 10.0.0.0/8';
const WEB = 'in tcp 443 0.0.0.0/0';

/** `{ 'sgr-1': SSH }` as an inventory of one group. */
const inventory = (rules: Record<string, string>, more: Record<string, unknown> = {}, VpcId = 'vpc-1') =>
  inventoryOf({
    groups: [{ GroupId: 'sg-1', GroupName: 'web', VpcId }],
    rules: Object.entries(rules).map(([SecurityGroupRuleId, rule]) => awsRule(rule, { SecurityGroupRuleId, ...more })),
  });

const known = (rule: Rule, more: Partial<RuleItem> = {}): RuleItem => ({
  ruleId: rule.ruleId,
  rule: JSON.stringify(rule),
  vpc: 'vpc-1',
  content: ruleContent(rule),
  contentSince: T0,
  lastSeen: T0,
  removedAt: undefined,
  ...more,
});
const knownOf = (rules: Record<string, string>, more: Partial<RuleItem> = {}): RuleItem[] =>
  inventory(rules).rules.map((rule) => known(rule, more));

/** Times of changes only; `taken` and `seen` an hour after T0 unless told. */
const changes = (before: RuleItem[], now: ReturnType<typeof inventory>, times: Partial<SnapshotTimes> = {}) =>
  rulesDataChanges(before, now, PLACE, { takenAt: T0 + HOUR, seenAt: T0 + HOUR, ...times });
const only = ({ ...attributes }: Record<string, unknown>, ...names: string[]) =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
const timesOf = (...args: Parameters<typeof changes>) =>
  changes(...args).map(({ ruleId, attributes }) => [
    ruleId,
    only(attributes, 'content_since', 'first_seen', 'last_seen', 'removed_at'),
  ]);

test('a rule is described as AWS does, and once more for exact reading', () => {
  const now = inventory({ 'sgr-1': SSH }, { Description: 'x', Tags: [{ Key: 'a', Value: 'b' }] });
  expect(changes([], now)).toEqual([
    {
      ruleId: 'sgr-1',
      attributes: {
        sg_id: 'sg-1',
        sg_name: 'web',
        protocol: 'tcp',
        from_port: 22,
        to_port: 23,
        flow_direction: 'ingress',
        peer_type: 'cidrIpv4',
        peer: '10.0.0.0/8',
        description: 'x',
        tags: { a: 'b' },
        account: '111122223333',
        region: 'eu-central-1',
        vpc: 'vpc-1',
        content: '["sg-1","ingress","tcp",[22,23],"cidrIpv4","10.0.0.0/8"]',
        rule: JSON.stringify(now.rules[0]),
        content_since: T0 + HOUR,
        first_seen: T0 + HOUR,
        last_seen: T0 + HOUR,
        removed_at: undefined,
      },
    },
  ]);
});

test('a rule without ports has none, also where it had some', () => {
  const [change] = changes(knownOf({ 'sgr-1': SSH }), inventory({ 'sgr-1': 'in -1 10.0.0.0/8' }));
  expect(change?.attributes).toMatchObject({ protocol: '-1', from_port: undefined, to_port: undefined });
});

describe('what must change', () => {
  const seen = T0 + HOUR;
  test.each<[why: string, before: RuleItem[], now: ReturnType<typeof inventory>, expected: unknown[]]>([
    ['nothing, the same day', knownOf({ 'sgr-1': SSH }), inventory({ 'sgr-1': SSH }), []],
    [
      'a new rule',
      [],
      inventory({ 'sgr-1': SSH }),
      [['sgr-1', { content_since: seen, first_seen: seen, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'a rule that is gone: when, and nothing else',
      knownOf({ 'sgr-1': SSH }),
      inventory({}),
      [['sgr-1', { removed_at: seen }]],
    ],
    ['one that was gone before stays as it is', knownOf({ 'sgr-1': SSH }, { removedAt: T0 }), inventory({}), []],
    [
      'edited in place: another content since now',
      knownOf({ 'sgr-1': SSH }),
      inventory({ 'sgr-1': WEB }),
      [['sgr-1', { content_since: seen, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'another description: the content is as old as it was',
      knownOf({ 'sgr-1': SSH }),
      inventory({ 'sgr-1': SSH }, { Description: 'x' }),
      [['sgr-1', { content_since: T0, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'another VPC of the group',
      knownOf({ 'sgr-1': SSH }),
      inventory({ 'sgr-1': SSH }, {}, 'vpc-2'),
      [['sgr-1', { content_since: T0, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'back after it was gone',
      knownOf({ 'sgr-1': SSH }, { removedAt: T0 }),
      inventory({ 'sgr-1': SSH }),
      [['sgr-1', { content_since: T0, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'the same content under a new id keeps its age',
      knownOf({ 'sgr-1': SSH }),
      inventory({ 'sgr-2': SSH }),
      [
        ['sgr-2', { content_since: T0, first_seen: seen, last_seen: seen, removed_at: undefined }],
        ['sgr-1', { removed_at: seen }],
      ],
    ],
    [
      'also when the old id is long gone',
      knownOf({ 'sgr-1': SSH }, { removedAt: T0 }),
      inventory({ 'sgr-2': SSH }),
      [['sgr-2', { content_since: T0, first_seen: seen, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'the oldest age of several',
      [
        ...knownOf({ 'sgr-1': SSH }, { removedAt: T0, contentSince: 5 }),
        ...knownOf({ 'sgr-2': SSH }, { removedAt: T0, contentSince: 7 }),
      ],
      inventory({ 'sgr-3': SSH }),
      [['sgr-3', { content_since: 5, first_seen: seen, last_seen: seen, removed_at: undefined }]],
    ],
    [
      'two rules that swap contents keep the age of the contents',
      [...knownOf({ 'sgr-1': SSH }, { contentSince: 5 }), ...knownOf({ 'sgr-2': WEB }, { contentSince: 7 })],
      inventory({ 'sgr-1': WEB, 'sgr-2': SSH }),
      [
        ['sgr-1', { content_since: 7, last_seen: seen, removed_at: undefined }],
        ['sgr-2', { content_since: 5, last_seen: seen, removed_at: undefined }],
      ],
    ],
  ])('%s', (_why, before, now, expected) => {
    expect(timesOf(before, now)).toEqual(expected);
  });
});

describe('last_seen', () => {
  const same = inventory({ 'sgr-1': SSH });
  test.each<[why: string, lastSeen: number, seenAt: number, expected: unknown[]]>([
    ['stays for the rest of the day', T0, T0 + DAY - 1, []],
    ['moves on the next', T0 + DAY - 1, T0 + DAY, [{ last_seen: T0 + DAY }]],
    ['never moves back', T0 + 2 * DAY, T0 + DAY, []],
  ])('%s', (_why, lastSeen, seenAt, expected) => {
    const found = changes(knownOf({ 'sgr-1': SSH }, { lastSeen }), same, { seenAt });
    expect(found.map(({ attributes }) => attributes)).toEqual(expected);
  });

  test('is the reading, while all else dates from the snapshot', () => {
    const [change] = changes([], same, { takenAt: T0, seenAt: T0 + DAY });
    expect(change?.attributes).toMatchObject({ content_since: T0, first_seen: T0, last_seen: T0 + DAY });
    expect(changes(knownOf({ 'sgr-1': SSH }), inventory({}), { takenAt: T0, seenAt: T0 + DAY })[0]?.attributes).toEqual(
      {
        removed_at: T0,
      },
    );
  });
});
