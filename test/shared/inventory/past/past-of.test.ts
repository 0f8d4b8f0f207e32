import { expect, test } from '@jest/globals';
import { toldByCloudTrail } from '../../../../shared/inventory/past/cloudtrail-events.ts';
import { LIST_EVENTS, OTHER_EVENTS, RULE_EVENTS } from '../../../../shared/inventory/past/event-names.ts';
import { pastOf, wholeSince } from '../../../../shared/inventory/past/past-of.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { entryKey, contentKey, inventoryDigest, type Past } from '../../../../shared/inventory/past/past.ts';
import { parsePrefix } from '../../../../shared/addresses/address.ts';
import { isoTime } from '../../../../shared/time.ts';
import { awsRule, inventoryOf, pagesOf, showRule } from '../aws-shorthand.ts';
import { askedFor, authorizedEvent, editedEvent, madeEvent } from './events.ts';

type Raw = Readonly<Record<string, unknown>>;

const DAY = 86_400;
/** When the account was described; the history begins 90 days before. */
const NOW = 200 * DAY;
const BEGIN = NOW + 900 - 90 * DAY;
const WEB = 'in tcp 443 10.0.0.0/8';
const SSH = 'in tcp 22 10.0.0.0/8';
const ALL_OUT = 'out -1 0.0.0.0/0';

const authorized = (day: number, shorthand: string, id?: string): Raw => authorizedEvent(day * DAY, shorthand, id);
const edited = (day: number, shorthand: string, id?: string): Raw => editedEvent(day * DAY, shorthand, id);

function revoked(day: number, shorthand: string, id = 'sgr-1'): Raw {
  const items = [awsRule(shorthand, { SecurityGroupRuleId: id })];
  const name = shorthand.startsWith('in') ? 'RevokeSecurityGroupIngress' : 'RevokeSecurityGroupEgress';
  return madeEvent(name, day * DAY, { groupId: 'sg-1' }, { revokedSecurityGroupRuleSet: { items } });
}

/** The group itself was made then, or its VPC. */
const groupMade = (day: number): Raw =>
  madeEvent('CreateSecurityGroup', day * DAY, { vpcId: 'vpc-1' }, { groupId: 'sg-1' });
const vpcMade = (day: number): Raw => madeEvent('CreateVpc', day * DAY, {}, { vpc: { vpcId: 'vpc-1' } });
const unreadable = (day: number): Raw => madeEvent('AuthorizeSecurityGroupIngress', day * DAY, { groupId: 'sg-1' }, {});

const WHOLE = RULE_EVENTS.map((name) => askedFor(name, NOW - 90 * DAY, NOW));

function past(events: readonly Raw[], rules: Raw[], asked: readonly Raw[] = WHOLE, takenAt?: number): Past {
  const pages = pagesOf('cloudtrail-events.json', { Events: events }, ...asked);
  const groups = [{ GroupId: 'sg-1', GroupName: 'web', VpcId: 'vpc-1', OwnerId: '111122223333' }];
  const interfaces = [{ NetworkInterfaceId: 'eni-1', OwnerId: '111122223333', VpcId: 'vpc-1', Groups: [] }];
  return pastOf(toldByCloudTrail(pages), inventoryOf({ groups, rules, interfaces }), takenAt);
}

/** Days, or `>=` and days where it may be older; `new` where it may be of any moment. */
function ageOf(
  shorthand: string,
  events: readonly Raw[],
  asked?: readonly Raw[],
  takenAt?: number,
): string | undefined {
  const { ages } = past(events, [awsRule(shorthand)], asked, takenAt);
  const age = [...ages.values()][0];
  if (!age) return undefined;
  return age.since === Infinity ? 'new' : `${age.atLeast ? '>= ' : ''}${String(age.since / DAY)}`;
}

const SILENT = `>= ${String(BEGIN / DAY)}`;

test.each<[why: string, events: readonly Raw[], age: string | undefined]>([
  ['nothing is told of it: it is as old as the history, or older', [], SILENT],
  ['it was made', [authorized(150, WEB)], '150'],
  ['another rule was made', [authorized(150, SSH, 'sgr-2')], SILENT],
  [
    'it was made anew within a day, under another id: that is a repair',
    [revoked(150, WEB, 'sgr-0'), authorized(150.5, WEB)],
    SILENT,
  ],
  [
    'the same of one whose first birth is told',
    [authorized(140, WEB, 'sgr-0'), revoked(150, WEB, 'sgr-0'), authorized(150.5, WEB)],
    '140',
  ],
  ['it was away for longer', [authorized(140, WEB, 'sgr-0'), revoked(150, WEB, 'sgr-0'), authorized(152, WEB)], '152'],
  ['it was edited from something else', [authorized(140, SSH), edited(150, WEB)], '150'],
  ['the same, of what was there before the history', [edited(150, WEB)], '150'],
  ['only its description was edited', [authorized(140, WEB), edited(150, WEB)], '140'],
  ['it was edited and edited back: the last counts', [authorized(120, WEB), edited(130, SSH), edited(150, WEB)], '150'],
  ['its group is younger than the history', [groupMade(160)], '160'],
  ['so is its VPC, and with it its default group', [vpcMade(160)], '160'],
  ['something was made in its group of which nobody knows what', [unreadable(160)], '>= 160'],
  ['it was revoked, and stands', [revoked(150, WEB)], 'new'],
  ['it was edited into something else, and stands as it was', [authorized(140, WEB), edited(150, SSH)], 'new'],
])('a rule: %s', (_, events, age) => {
  expect(ageOf(WEB, events)).toBe(age);
});

test.each<[why: string, asked: readonly Raw[], takenAt: number | undefined]>([
  ['nobody says what was asked', [], undefined],
  ['one kind of event was not asked for', WHOLE.slice(1), undefined],
  ['it was asked too early for the last minutes', RULE_EVENTS.map((name) => askedFor(name, 0, NOW, 60)), undefined],
  ['the account was described later', WHOLE, NOW + DAY],
])('silence tells nothing where %s; births are known all the same', (_, asked, takenAt) => {
  expect(ageOf(WEB, [], asked, takenAt)).toBeUndefined();
  expect(ageOf(WEB, [authorized(150, WEB)], asked, takenAt)).toBe('150');
});

test('a revoke that took nothing away makes nothing older', () => {
  const events = [authorized(150, WEB), revoked(160, WEB), revoked(190, WEB), authorized(190.01, WEB)];
  expect(ageOf(WEB, events)).toBe('190');
});

test('of a group in which something was made that nobody can read, no rule is older for sure, told of or not', () => {
  expect(ageOf(WEB, [authorized(150, WEB), unreadable(190)])).toBe('>= 190');
  expect(ageOf(WEB, [authorized(150, WEB), unreadable(140)])).toBe('150');
});

test('a rule that is gone, though nobody told its end, takes no use of those that stand', () => {
  const { rules } = past([authorized(150, SSH, 'sgr-2')], [awsRule(WEB)]);
  expect(rules).toEqual([]);
});

test('silence reaches back to the last hole', () => {
  const asked = RULE_EVENTS.flatMap((name) => [askedFor(name, 0, NOW - DAY, DAY), askedFor(name, NOW - 1000, NOW)]);
  expect(ageOf(WEB, [], asked)).toBe(`>= ${String((NOW - 1000) / DAY)}`);
});

test('a rule that was edited to and fro is told of in bounded length', () => {
  const fro = Array.from({ length: 60 }, (_, i) => edited(120 + i, i % 2 === 0 ? SSH : WEB));
  expect([...past([authorized(110, WEB), ...fro], [awsRule(WEB)]).changes.values()].map((all) => all.length)).toEqual([
    20,
  ]);
});

test('a second look at the last minutes closes what the first one left open', () => {
  const first = RULE_EVENTS.map((name) => askedFor(name, NOW - 90 * DAY, NOW, 60));
  const second = RULE_EVENTS.map((name) => askedFor(name, NOW - 900, NOW, 900));
  expect(ageOf(WEB, [], [...first, ...second])).toBe(`>= ${String((NOW + 60 - 90 * DAY) / DAY)}`);
});

test('days before the groups of an endpoint were changed are not known as a whole: nobody tells which interfaces it has', () => {
  const asked = [...RULE_EVENTS, ...OTHER_EVENTS].map((name) => askedFor(name, NOW - 90 * DAY, NOW));
  const since = (...events: Raw[]): number | undefined => {
    const told = toldByCloudTrail(pagesOf('cloudtrail-events.json', { Events: events }, ...asked));
    return wholeSince([told], NOW);
  };
  const modified = (day: number, request: Raw): Raw =>
    madeEvent('ModifyVpcEndpoint', day * DAY, { ModifyVpcEndpointRequest: request });
  const subnets = modified(170, { VpcEndpointId: 'vpce-1', AddSubnetId: { tag: 1, content: 'subnet-1' } });
  const groups = modified(160, { VpcEndpointId: 'vpce-1', AddSecurityGroupId: { tag: 1, content: 'sg-1' } });
  expect([since(), since(subnets)]).toEqual([BEGIN, BEGIN]);
  expect(since(subnets, groups)).toBe(160 * DAY + 1);
  expect(since(modified(180, {}))).toBe(180 * DAY + 1);
});

test('of a group of another account nothing is told, so silence tells nothing', () => {
  const foreign = { GroupOwnerId: '999988887777' };
  const told = toldByCloudTrail(pagesOf('cloudtrail-events.json', ...WHOLE));
  const groups = [{ GroupId: 'sg-1', OwnerId: '999988887777' }];
  const interfaces = [{ NetworkInterfaceId: 'eni-1', OwnerId: '111122223333', Groups: [] }];
  const now = inventoryOf({ groups, rules: [awsRule(WEB, foreign)], interfaces });
  expect(pastOf(told, now, undefined).ages.size).toBe(0);
});

test('what contradicts what stands is told', () => {
  expect(past([revoked(150, WEB)], [awsRule(WEB)]).problems).toEqual([
    expect.stringContaining('1 rule (sgr-1) stand otherwise'),
  ]);
  expect(past([authorized(150, WEB)], [awsRule(WEB)]).problems).toEqual([]);
});

test('who made a rule and who edited it is told, and what it said before', () => {
  const { changes } = past(
    [authorized(140, SSH), edited(150, WEB), groupMade(130)],
    [awsRule(WEB), awsRule(ALL_OUT, { SecurityGroupRuleId: 'sgr-2' })],
  );
  const by = 'arn:aws:iam::111122223333:user/alice';
  const shownChanges = [...changes.values()].map((all) =>
    all.map((one) => ({ ...one, before: one.before && showRule(one.before) })),
  );
  expect(shownChanges).toEqual([
    [
      { at: 140 * DAY, by, what: 'made', before: undefined },
      { at: 150 * DAY, by, what: 'edited', before: 'ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8' },
    ],
    // Comes with its group.
    [{ at: 130 * DAY, by, what: 'made', before: undefined }],
  ]);
});

test('an edit of its description changes nothing of a rule', () => {
  const { changes } = past([authorized(140, WEB), edited(150, WEB)], [awsRule(WEB)]);
  expect([...changes.values()].map((all) => all.map(({ what }) => what))).toEqual([['made']]);
});

test('an edit goes the way that the rule of its id goes', () => {
  const { ages } = past([edited(150, ALL_OUT)], [awsRule(ALL_OUT)]);
  expect([...ages.values()]).toEqual([{ since: 150 * DAY, atLeast: false, source: 'cloudtrail' }]);
});

test('rules that went are known for as long as they stood', () => {
  const { rules } = past(
    [authorized(140, SSH, 'sgr-2'), revoked(150, SSH, 'sgr-2'), revoked(160, ALL_OUT, 'sgr-3')],
    [awsRule(WEB)],
  );
  expect(rules.map(({ of, from, until }) => [showRule(of), from / DAY, until / DAY])).toEqual([
    ['ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8', 140, 150],
    ['egress -1(any) cidrIpv4 0.0.0.0/0', -Infinity, 160],
  ]);
});

test('entries of lists have ages where they are told, and all of them where nobody knows what came', () => {
  const modified = (day: number, more: object): Raw =>
    madeEvent('ModifyManagedPrefixList', day * DAY, {
      ModifyManagedPrefixListRequest: { PrefixListId: 'pl-1', ...more },
    });
  const restored = madeEvent('RestoreManagedPrefixListVersion', 160 * DAY, {
    RestoreManagedPrefixListVersionRequest: { PrefixListId: 'pl-1' },
  });
  const now = inventoryOf({
    prefixLists: [{ PrefixListId: 'pl-1' }],
    entries: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] },
  });
  const agesOf = (...events: Raw[]): unknown[] => {
    const { ages } = pastOf(toldByCloudTrail(pagesOf('cloudtrail-events.json', { Events: events })), now, undefined);
    return ['10.1.0.0/16', '10.2.0.0/16'].map((cidr) => {
      const age = ages.get(entryKey({ prefixListId: 'pl-1', prefix: parsePrefix(cidr)! }));
      return age === undefined ? undefined : age.since / DAY;
    });
  };
  const first = modified(140, { AddEntry: { Cidr: '10.1.0.0/16' }, RemoveEntry: { Cidr: '10.3.0.0/16' } });
  expect(agesOf(first)).toEqual([140, undefined]);
  expect(agesOf(first, restored)).toEqual([160, 160]);
  expect(agesOf(restored)).toEqual([160, 160]);
  const unread = madeEvent('ModifyManagedPrefixList', 150 * DAY, { omitted: true, originalSize: 120_000 });
  expect(agesOf(first, unread)).toEqual([150, 150]);
  const ofOther = madeEvent('RestoreManagedPrefixListVersion', 160 * DAY, {
    RestoreManagedPrefixListVersionRequest: { PrefixListId: 'pl-2' },
  });
  expect(agesOf(first, ofOther)).toEqual([140, undefined]);
});

test('of the account’s own lists, silence tells that entries are as old as the history; of others’, nothing', () => {
  const asked = (names: readonly string[]): Raw[] =>
    names.map((EventName) => ({
      Events: [],
      Lookup: {
        EventName,
        StartTime: isoTime(100 * DAY),
        EndTime: isoTime(180 * DAY),
        AskedAt: isoTime(181 * DAY),
        Complete: true,
      },
    }));
  const now = inventoryOf({
    groups: [{ GroupId: 'sg-1', OwnerId: '111122223333' }],
    interfaces: [{ NetworkInterfaceId: 'eni-1', OwnerId: '111122223333' }],
    prefixLists: [
      { PrefixListId: 'pl-1', OwnerId: '111122223333' },
      { PrefixListId: 'pl-2', OwnerId: '444455556666' },
      { PrefixListId: 'pl-3', OwnerId: 'AWS' },
      { PrefixListId: 'pl-4' },
    ],
    entries: Object.fromEntries(['pl-1', 'pl-2', 'pl-3', 'pl-4'].map((id) => [id, ['10.1.0.0/16']])),
  });
  const agesOf = (pages: Raw[]): unknown[] =>
    [...pastOf(toldByCloudTrail(pagesOf('cloudtrail-events.json', ...pages)), now, undefined).ages].map(
      ([key, { since, atLeast }]) => [key, since / DAY, atLeast],
    );
  expect(agesOf(asked([...RULE_EVENTS, ...LIST_EVENTS]))).toEqual([['pl-1 10.1.0.0/16', 100, true]]);
  for (const missing of LIST_EVENTS) {
    expect(agesOf(asked([...RULE_EVENTS, ...LIST_EVENTS].filter((name) => name !== missing)))).toEqual([]);
  }
  const digest = (inventory: Inventory): Raw => ({ Events: [], RulesDigest: inventoryDigest(inventory) });
  expect(agesOf([digest(now), ...asked(LIST_EVENTS)])).toHaveLength(1);
  const other = inventoryOf({
    interfaces: [{ NetworkInterfaceId: 'eni-1', OwnerId: '111122223333' }],
    prefixLists: [{ PrefixListId: 'pl-1', OwnerId: '111122223333' }],
    entries: { 'pl-1': ['10.1.0.0/16', '10.2.0.0/16'] },
  });
  expect(agesOf([digest(other), ...asked(LIST_EVENTS)])).toEqual([]);
});

test('a rule is named by its content', () => {
  const [rule] = inventoryOf({ rules: [awsRule(WEB)] }).rules;
  expect([...past([], [awsRule(WEB)]).ages.keys()]).toEqual([contentKey(rule!)]);
});
