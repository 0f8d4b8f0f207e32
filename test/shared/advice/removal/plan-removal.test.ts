import { describe, expect, test } from '@jest/globals';
import { planRemoval, windowsOf, type PlanOptions } from '../../../../shared/advice/removal/plan-removal.ts';
import { planText } from '../../../../shared/advice/removal/plan-text.ts';
import type { Plan } from '../../../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../../../shared/advice/removal/removal-evidence.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { contentHash } from '../../../../shared/inventory/versioned-rules.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Verdict } from '../../../../shared/verdicts/verdict.ts';
import { awsRule, inventoryOf } from '../../inventory/aws-shorthand.ts';
import { inventoryOfWorld } from '../world.ts';
import type { JudgedRule } from '../../../../shared/advice/judged-rule.ts';

/** Days are numbered from 1, the first of a window of 10. */
const DAYS = 10;
const DAY = 86_400;

interface World {
  /** `sgr1 sg1 in tcp 22 10.0.0.0/8`; an id and its group, then as in `awsRule`. */
  readonly rules: readonly string[];
  /** `sgr1 redundant used=5 reply=5 by=sgr2`: the verdict, then figures of the report. Stale, covered by all, if left out. */
  readonly verdicts?: readonly string[];
  /** `eni1 sg1,sg2` */
  readonly interfaces?: readonly string[];
  /**
   * `eni1 3 sgr1,sgr2 ?sgr3 ~sgr4`: interface, day, who admitted it, who could have, who may have had some of it been read
   * the wrong way: 5 requests and 5 replies. TCP 22, or `icmp`.
   */
  readonly flows?: readonly string[];
  /** `3 sgr1,sgr2 5`: sets counted beside, on interfaces of sg1 and sg2: day, rules, how many of 5 requests prove something. */
  readonly sets?: readonly string[];
  /** Owners by the ids of groups and interfaces, as `sg-1` and `eni1`. */
  readonly owners?: Readonly<Record<string, string>>;
  /** VPCs by the ids of groups. */
  readonly vpcs?: Readonly<Record<string, string>>;
  readonly arns?: Readonly<Record<string, string | undefined>>;
  readonly lists?: Readonly<Record<string, string[]>>;
  readonly tags?: Readonly<Record<string, readonly { readonly Key: string; readonly Value: string }[]>>;
  /** Days without evidence. */
  readonly missing?: readonly number[];
  readonly options?: Partial<PlanOptions>;
}

/** No number of AWS's, but one that its pattern allows. */
const full = (text: string): string => text.replaceAll(/\b(sgr?)(?=\d)/g, '$1-');

function inventory({
  rules,
  interfaces = ['eni1 sg1,sg2'],
  tags = {},
  owners = {},
  vpcs = {},
  arns = {},
  lists = {},
}: World): Inventory {
  const groups = new Set(rules.map((rule) => full(rule.split(' ')[1]!)));
  return inventoryOf({
    groups: [...groups].map((GroupId) => {
      return {
        GroupId,
        GroupName: `name of ${GroupId}`,
        Tags: tags[GroupId],
        OwnerId: owners[GroupId],
        VpcId: vpcs[GroupId],
        SecurityGroupArn: arns[GroupId],
      };
    }),
    prefixLists: Object.keys(lists).map((PrefixListId) => ({ PrefixListId })),
    entries: lists,
    rules: rules.map((text) => {
      const [id = '', group = '', ...rule] = text.split(' ');
      const SecurityGroupRuleId = full(id);
      return awsRule(full(rule.join(' ')), {
        SecurityGroupRuleId,
        GroupId: full(group),
        Tags: tags[SecurityGroupRuleId],
      });
    }),
    interfaces: interfaces.map((text) => {
      const [NetworkInterfaceId, carried = ''] = text.split(' ');
      const Groups = carried.split(',').map((GroupId) => ({ GroupId: full(GroupId) }));
      return { NetworkInterfaceId, Groups, OwnerId: owners[NetworkInterfaceId ?? ''] };
    }),
  });
}

function verdictOf(kind: string, coveredBy: readonly string[]): Verdict {
  switch (kind) {
    case 'redundant':
      return { kind, coveredBy, ageUnknown: false };
    case 'redundantOfUnknownAge':
      return { kind: 'redundant', coveredBy, ageUnknown: true };
    case 'staleOfUnknownAge':
      return { kind: 'stale', ageUnknown: true };
    case 'active':
      return { kind, unanswered: false };
    case 'unattached':
      return { kind, referred: false, ageUnknown: false };
    case 'tooYoung':
      return { kind, young: 'rule', since: '2026-01-01T00:00:00Z', nextBetterDay: '2026-04-01' };
    case 'exempt':
      return { kind, reason: 'patches', until: null, owner: null };
    case 'notObserved':
      return { kind, reason: 'onlyPossibleUse', possibleTimes: 3 };
    default:
      return { kind: 'stale', ageUnknown: false };
  }
}

function judged({ verdicts = [] }: World, { rules }: Inventory): JudgedRule[] {
  const said = new Map(verdicts.map((text) => [full(text.split(' ')[0]!), text.split(' ').slice(1)]));
  return rules.map((rule) => {
    const [kind = 'stale', ...figures] = said.get(rule.ruleId) ?? [];
    const of = (name: string): number =>
      Number(figures.find((text) => text.startsWith(`${name}=`))?.split('=')[1] ?? 0);
    const times = {
      usedTimes: of('used'),
      soleTimes: of('sole'),
      replyTimes: of('reply'),
      possibleTimes: of('possible'),
    };
    const coveredBy = figures
      .find((text) => text.startsWith('by='))
      ?.slice(3)
      .split(',')
      .map(full);
    const others = rules.map(({ ruleId }) => ruleId).filter((id) => id !== rule.ruleId);
    const report = {
      verdict: verdictOf(kind, coveredBy ?? others),
      why: kind,
      lastUsed: null,
      untrackedReplies: of('untracked'),
      ...times,
      evidence: { watchedDays: watched(figures), young: figures.includes('young') ? {} : null },
    };
    return { rule, report };
  });
}

/** `watched=29`; by default as many days as a plan wants. */
function watched(figures: readonly string[]): number {
  return Number(figures.find((text) => text.startsWith('watched='))?.slice('watched='.length) ?? 30);
}

function flowOf(text: string): ServiceFlow {
  const [interfaceId = '', , ...more] = text.split(' ');
  const ids = more.filter((part) => part !== 'icmp');
  const service = more.includes('icmp') ? { protocol: 1, port: 0 } : { protocol: 6, port: 22 };
  const list = (part = ''): string[] =>
    part
      .split(',')
      .filter((id) => id !== '')
      .map(full);
  return {
    interfaceId,
    direction: 'ingress',
    peer: '10.0.0.1',
    ...service,
    ruleIds: list(ids.find((part) => !/^[?~]/.test(part))),
    possibleRuleIds: list(ids.find((part) => part.startsWith('?'))?.slice(1)),
    unclearRuleIds: list(ids.find((part) => part.startsWith('~'))?.slice(1)),
    untrackedRuleIds: [],
    requests: 5,
    replies: 5,
    inferred: 0,
    packets: 10,
    bytes: 100,
    first: 0,
    last: 0,
  };
}

function planOf(world: World): Plan {
  const { flows = [], sets = [], missing = [], options } = world;
  const made = inventory(world);
  const when = { asOf: (DAYS + 1) * DAY, windowDays: DAYS };
  const evidence = new RemovalEvidence(made, windowsOf(when));
  for (const text of flows) evidence.addFlow(flowOf(text), Number(text.split(' ')[1]));
  for (const text of sets) {
    const [day, ids = '', proven] = text.split(' ');
    const place = { day: Number(day), vpcId: '', groupIds: ['sg-1', 'sg-2'], ruleIds: ids.split(',').map(full) };
    evidence.addSet({ ...place, requests: 5, replies: 5, provenTimes: Number(proven) });
  }
  const days = Array.from({ length: DAYS }, (_, i) => i + 1).filter((day) => !missing.includes(day));
  return planRemoval(
    judged(world, made),
    made,
    evidence,
    { source: 'here', days: new Set(days) },
    { ...when, ...options },
  );
}

/** `1: sgr1, sgr2<sgr3 | 2: …`: stages, with what takes over. */
function shortly({ stages }: Plan): string {
  const text = stages.map(({ number, removals }) => {
    const each = removals.map(({ rule, coveredBy }) => [rule.ruleId, ...coveredBy].join('<'));
    return `${String(number)}: ${each.join(', ')}`;
  });
  return text.join(' | ').replaceAll('sgr-', 'sgr');
}
const reasonOf = ({ skipped }: Plan, ruleId: string): string | undefined =>
  skipped.find((one) => one.ruleId === full(ruleId))?.reason;

const ONE = ['sgr1 sg1 in tcp 22 10.0.0.0/8'];
const TWO = [...ONE, 'sgr2 sg2 in tcp 20-30 10.0.0.0/8'];
const BOTH = ['sgr1 redundant used=5 reply=5', 'sgr2 redundant used=5 reply=5'];

describe('which rules may go', () => {
  test.each<[kind: string, goes: string, reason: RegExp | undefined]>([
    ['stale', '1: sgr1', undefined],
    ['staleOfUnknownAge', '', /how old the rule is, is unknown/],
    ['unattached', '', /whatever carries the group next may need it/],
    ['tooYoung', '', /tooYoung/],
    ['exempt', '', /exempt/],
    ['exempt used=1', '', undefined],
    ['notObserved', '', /notObserved/],
    ['active used=3 sole=3', '', undefined],
    ['stale possible=1', '', /may have admitted flows/],
    ['redundant used=5 reply=5', '', /shows 0 records of its use, the report 10/],
    ['redundant', '', /shows 0 records of its use, the report 0/],
    ['redundant used=5 sole=1', '', /alone in admitting/],
  ])('%s', (kind, goes, reason) => {
    const plan = planOf({ rules: ONE, verdicts: [`sgr1 ${kind}`] });
    expect(shortly(plan)).toBe(goes);
    if (reason) expect(reasonOf(plan, 'sgr1')).toMatch(reason);
    else expect(plan.skipped).toEqual([]);
  });

  test.each([
    ['since the first second of its window', DAY, '1: sgr1', ''],
    ['a second later', DAY + 1, '', 'younger than its window'],
  ])('vouched for %s', (_why, rulesKnownSince, goes, reason) => {
    const plan = planOf({ rules: ONE, verdicts: ['sgr1 staleOfUnknownAge'], options: { rulesKnownSince } });
    expect(shortly(plan)).toBe(goes);
    expect(reasonOf(plan, 'sgr1') ?? '').toContain(reason);
  });

  test('a rule with a longer window of its own must be vouched for all of it', () => {
    const tags = { 'sgr-1': [{ Key: 'stale-sg:window', Value: '20' }] };
    const world = { rules: ONE, tags, verdicts: ['sgr1 staleOfUnknownAge'] };
    expect(shortly(planOf({ ...world, options: { rulesKnownSince: DAY } }))).toBe('');
    expect(shortly(planOf({ ...world, options: { rulesKnownSince: -9 * DAY } }))).toBe('1: sgr1');
  });

  test.each([
    ['', 'the tag stale-sg:keep says to keep it', ''],
    ['on purpose', 'the tag stale-sg:keep says to keep it: on purpose', ''],
    ['patches until 1970-01-12', 'the tag stale-sg:keep says to keep it: patches', ''],
    ['patches until 1970-01-11', '', '1: sgr1'],
  ])('a rule whose tag says to keep it stays, whatever a report of before says: %j', (Value, reason, goes) => {
    const tags = { 'sgr-1': [{ Key: 'stale-sg:keep', Value }] };
    const plan = planOf({ rules: ONE, tags });
    expect([shortly(plan), reasonOf(plan, 'sgr1') ?? '']).toEqual([goes, reason]);
  });

  test('whoever asks may exclude rules', () => {
    const plan = planOf({
      rules: TWO,
      options: { leftOut: ({ ruleId }) => (ruleId === 'sgr-1' ? 'excluded' : undefined) },
    });
    expect(shortly(plan)).toBe('1: sgr2');
    expect(reasonOf(plan, 'sgr1')).toMatch(/^excluded/);
  });

  test('a rule that the report calls stale and the evidence shows in use stays', () => {
    expect(reasonOf(planOf({ rules: ONE, flows: ['eni1 3 sgr1'] }), 'sgr1')).toMatch(/shows use that the report lacks/);
    expect(reasonOf(planOf({ rules: ONE, flows: ['eni1 30 sgr1'] }), 'sgr1')).toMatch(/shows use/);
    expect(shortly(planOf({ rules: ONE, flows: ['eni1 0 sgr1'] }))).toBe('1: sgr1');
    expect(reasonOf(planOf({ rules: ONE, flows: ['eni1 3 ?sgr1'] }), 'sgr1')).toMatch(/may have admitted/);
  });

  test('without evidence of a day of its window no redundant rule goes, but stale ones do', () => {
    const rules = [...TWO, 'sgr3 sg1 in tcp 80 10.0.0.0/8'];
    const plan = planOf({ rules, verdicts: BOTH, flows: ['eni1 3 sgr1,sgr2'], missing: [4] });
    expect(shortly(plan)).toBe('1: sgr3');
    expect(reasonOf(plan, 'sgr2')).toMatch(/no evidence of 1 day of its window/);
    expect(plan.evidence).toEqual({ source: 'here', days: 9, missingDays: ['1970-01-05'] });
  });
});

describe('gates', () => {
  test.each([
    [30, undefined, '1: sgr1'],
    [29, undefined, ''],
    [5, 5, '1: sgr1'],
    [4, 5, ''],
  ])('its group was watched on %d days, and %s are wanted', (watchedDays, minDays, goes) => {
    const plan = planOf({ rules: ONE, verdicts: [`sgr1 stale watched=${watchedDays}`], options: { minDays } });
    expect(shortly(plan)).toBe(goes);
    const reason = `watched on ${watchedDays} days only, and a plan wants ${minDays ?? 30} (--min-days)`;
    expect(reasonOf(plan, 'sgr1')).toBe(goes === '' ? reason : undefined);
  });

  test('a plan names its accounts and its region, and is good for 30 days', () => {
    const owners = { eni1: '111122223333' };
    const { accounts, regions, goodUntil } = planOf({
      rules: ONE,
      owners,
      options: { place: { region: 'eu-west-1' } },
    });
    expect([accounts, regions, goodUntil]).toEqual([['111122223333'], ['eu-west-1'], '1970-02-11']);
    expect(planOf({ rules: ONE })).toMatchObject({ accounts: [], regions: [] });
  });

  test('--region speaks of groups that do not tell theirs', () => {
    const arn = (region: string) => `arn:aws:ec2:${region}:111122223333:security-group/sg-1`;
    const regionOf = (SecurityGroupArn: string | undefined, region?: string): string =>
      planOf({ rules: ONE, arns: { 'sg-1': SecurityGroupArn }, options: { place: { region } } }).stages[0]!.removals[0]!
        .region;
    expect([regionOf(arn('eu-west-1'), 'us-east-1'), regionOf(arn('eu-west-1'))]).toEqual(['eu-west-1', 'eu-west-1']);
    expect([regionOf(undefined, 'us-east-1'), regionOf(undefined)]).toEqual(['us-east-1', '']);
  });

  test.each([
    ['another account', '444455556666', ''],
    ['this one', '111122223333', '1: sgr1'],
    ['nobody knows whom', undefined, '1: sgr1'],
  ])('a group of %s', (_who, owner, goes) => {
    const owners = { eni1: '111122223333', ...(owner && { 'sg-1': owner }) };
    const plan = planOf({ rules: ONE, owners });
    expect(shortly(plan)).toBe(goes);
    const reason = 'its group belongs to the account 444455556666, which alone may change it';
    expect(reasonOf(plan, 'sgr1')).toBe(goes === '' ? reason : undefined);
  });

  test('a rule for which no command can be given stays', () => {
    const plan = planOf({ rules: ['x1 sg1 in tcp 22 10.0.0.0/8'] });
    expect([shortly(plan), reasonOf(plan, 'x1')]).toEqual(['', expect.stringMatching(/^no command can be given: /)]);
  });

  test('possible use by records that may have been read the wrong way', () => {
    const plan = planOf({ rules: TWO, verdicts: ['sgr2 active'], flows: ['eni1 3 sgr2 ~sgr1'] });
    expect(reasonOf(plan, 'sgr1')).toMatch(/may have admitted flows/);
  });

  test.each([
    ['stood all the window', '', '1: sgr2<sgr1'],
    ['is younger in part', ' young', ''],
  ])('a list takes over only where it %s', (_why, young, goes) => {
    const rules = ['sgr1 sg1 in tcp 22 pl-1', TWO[1]!];
    const verdicts = [`sgr1 active${young}`, 'sgr2 redundant used=5 reply=5 by=sgr1'];
    const plan = planOf({ rules, verdicts, flows: ['eni1 3 sgr1,sgr2'], lists: { 'pl-1': ['10.0.0.0/8'] } });
    expect(shortly(plan)).toBe(goes);
  });

  test.each<[string, string[], string]>([
    ['was alone there, all in one subnet', ['3 sgr1,sgr2 5', '4 sgr1 1'], '1: sgr2<sgr1'],
    ['was never alone', ['3 sgr1,sgr2 5'], ''],
    ['was alone before the window', ['3 sgr1,sgr2 5', '0 sgr1 1'], ''],
    ['was alone without a SYN', ['3 sgr1,sgr2 5', '4 sgr1 0'], ''],
    ['was alone there, and the flows came from elsewhere as well', ['3 sgr1,sgr2 4', '4 sgr1 1'], ''],
  ])('a group takes over, by what was counted beside, only where it %s', (_why, sets, goes) => {
    const rules = ['sgr1 sg1 in tcp 22 sg9', TWO[1]!];
    const verdicts = ['sgr1 active', 'sgr2 redundant used=5 reply=5 by=sgr1'];
    expect(shortly(planOf({ rules, verdicts, sets }))).toBe(goes);
  });
});

describe('rules that cover each other', () => {
  const flows = ['eni1 3 sgr1,sgr2'];

  test('never both; the narrower one stays', () => {
    const plan = planOf({ rules: TWO, verdicts: BOTH, flows });
    expect(shortly(plan)).toBe('1: sgr2<sgr1');
    expect(reasonOf(plan, 'sgr1')).toMatch(/^takes over from sgr-2/);
  });

  test('not where the verdict rests on others than those that stay', () => {
    const rules = [...TWO, 'sgr3 sg1 in tcp 22 10.1.0.0/16'];
    const verdicts = ['sgr1 active', 'sgr2 redundant used=5 reply=5 by=sgr3', 'sgr3 stale'];
    expect(shortly(planOf({ rules, verdicts, flows }))).toBe('1: sgr3');
    expect(shortly(planOf({ rules, verdicts: [...verdicts.slice(0, 2), 'sgr3 active'], flows }))).toBe(
      '1: sgr2<sgr1<sgr3',
    );
  });

  test('stale rules go in stages before redundant ones, each of at most so many', () => {
    const rules = [...TWO, 'sgr3 sg1 in tcp 80 10.0.0.0/8', 'sgr4 sg1 in tcp 81 10.0.0.0/16', 'sgr5 sg1 out -1 ::/0'];
    const plan = planOf({ rules, verdicts: BOTH, flows, options: { maxPerStage: 2 } });
    expect(shortly(plan)).toBe('1: sgr5, sgr3 | 2: sgr4 | 3: sgr2<sgr1');
    expect(plan.stages.map(({ waitDays }) => waitDays)).toEqual([7, 7, 7]);
    expect(plan.stages[2]!.keepers.map(({ ruleId }) => ruleId)).toEqual(['sgr-1']);
  });

  const many = (count: number, group = 'sg1', from = 1): string[] =>
    Array.from({ length: count }, (_, i) => `sgr${String(from + i)} ${group} in tcp ${String(from + i)} 10.0.0.0/8`);
  const sizes = (world: World): number[] => planOf(world).stages.map(({ removals }) => removals.length);

  test('few go first, then four times as many in each stage; ten at most need no canary', () => {
    expect(sizes({ rules: many(10) })).toEqual([10]);
    expect(sizes({ rules: many(11) })).toEqual([5, 6]);
    expect(sizes({ rules: many(150) })).toEqual([5, 20, 80, 45]);
    expect(sizes({ rules: many(150), options: { maxPerStage: 50 } })).toEqual([5, 20, 50, 50, 25]);
  });

  test('each VPC has its own canary, side by side, of groups as different as there are', () => {
    const rules = [...many(20, 'sg1', 11), ...many(20, 'sg2', 31), ...many(4, 'sg3', 51)];
    const vpcs = { 'sg-1': 'vpc-1', 'sg-2': 'vpc-1', 'sg-3': 'vpc-2' };
    const { stages } = planOf({ rules, vpcs });
    expect(stages.map(({ removals }) => removals.length)).toEqual([5 + 4, 20, 15]);
    expect(new Set(stages[0]!.removals.map(({ rule }) => rule.groupId))).toEqual(new Set(['sg-1', 'sg-2', 'sg-3']));
    expect(stages[1]!.removals.every(({ vpcId }) => vpcId === 'vpc-1')).toBe(true);
  });

  test('one of another group covers only where the interface still carries that group', () => {
    const verdicts = ['sgr1 active', 'sgr2 redundant used=5 reply=5'];
    expect(shortly(planOf({ rules: TWO, verdicts, flows }))).toBe('1: sgr2<sgr1');
    const plan = planOf({ rules: TWO, verdicts, flows, interfaces: ['eni1 sg2'] });
    expect(shortly(plan)).toBe('');
    expect(reasonOf(plan, 'sgr2')).toBe(
      'no other rule that admitted the same (sgr-1) stands unchanged where the flows were seen',
    );
  });

  test.each([
    ['all that carry the group carry the other, too', ['eni2 sg1,sg2'], '1: sgr2<sgr1'],
    ['one does not', ['eni2 sg1,sg2', 'eni3 sg2'], ''],
    ['nothing carries the group now: who will is unknown', ['eni2 sg1'], ''],
  ])('seen on an interface that is gone: %s', (_why, interfaces, goes) => {
    const verdicts = ['sgr1 active', 'sgr2 redundant used=5 reply=5'];
    expect(shortly(planOf({ rules: TWO, verdicts, flows, interfaces }))).toBe(goes);
  });

  test('one of the same group covers on whatever interface', () => {
    const rules = [...ONE, 'sgr2 sg1 in tcp 20-30 10.0.0.0/8'];
    expect(shortly(planOf({ rules, verdicts: BOTH, flows, interfaces: [] }))).toBe('1: sgr2<sgr1');
  });

  test('by content: made again under another id it covers, edited under the same id it does not', () => {
    const verdicts = ['sgr1 active', 'sgr2 redundant used=5 reply=5'];
    const { rules } = inventory({ rules: TWO });
    const [one, two] = rules.map((rule) => contentHash(ruleContent(rule)));
    const seen = (first: string): string[] => [`eni1 3 ${first},sgr-2@${two!}`];
    expect(shortly(planOf({ rules: TWO, verdicts, flows: seen(`sgr-77@${one!}`) }))).toBe('1: sgr2<sgr1');
    expect(shortly(planOf({ rules: TWO, verdicts, flows: seen('sgr-1@0123456789abcdef') }))).toBe('');
  });

  test('ICMP: a rule for one type takes over from none for another, nor from one for all protocols', () => {
    const icmp = (one: string, other: string): string =>
      shortly(
        planOf({
          rules: [`sgr1 sg1 in ${one} 10.0.0.0/8`, `sgr2 sg1 in ${other} 10.0.0.0/8`],
          verdicts: ['sgr1 redundant used=5 reply=5', 'sgr2 active'],
          flows: ['eni1 3 sgr1,sgr2 icmp'],
        }),
      );
    expect(icmp('icmp 8/-1', 'icmp 3/-1')).toBe('');
    expect(icmp('-1', 'icmp 3/-1')).toBe('');
    expect(icmp('icmp 8/-1', 'icmp -1/-1')).toBe('1: sgr1<sgr2');
    expect(icmp('icmp 8/-1', '-1')).toBe('1: sgr1<sgr2');
  });
});

describe('what a reviewer is told', () => {
  const stack = (value: string) => [
    { Key: 'aws:cloudformation:stack-name', Value: value },
    { Key: 'aws:cloudformation:logical-id', Value: 'WebGroup' },
  ];

  test('what the undo cannot set', () => {
    const tags = { 'sgr-1': [{ Key: 'aws:backup:x', Value: 'a' }] };
    const [removal] = planOf({ rules: ONE, tags, options: { includeManaged: true } }).stages[0]!.removals;
    expect(removal!.notes).toEqual(['the undo cannot set tags that belong to AWS: aws:backup:x']);
  });

  test('rules that a tool writes are in no script, and may go all the same; unless they are wanted there', () => {
    const tags = { 'sgr-1': stack('shop') };
    const rules = [...ONE, 'sgr2 sg1 in tcp 23 10.0.0.0/8'];
    const plan = planOf({ rules, tags });
    expect(shortly(plan)).toBe('1: sgr2');
    expect(plan.inCode.map(({ rule }) => rule.ruleId)).toEqual(['sgr-1']);
    expect(planText(plan)).toContain('## To be changed in code: 1 rule');
    const all = planOf({ rules, tags, options: { includeManaged: true } });
    expect([shortly(all), all.inCode]).toEqual(['1: sgr1, sgr2', []]);
    expect(all.caveats).toContain('1 rule of the stages are written by a tool or a service, and may come back.');
  });

  test('where Terraform would hold a rule', () => {
    const [stage] = planOf({ rules: ONE }).stages;
    expect(stage!.removals[0]!.terraform).toEqual({
      resource: 'aws_vpc_security_group_ingress_rule',
      importId: 'sgr-1',
      lookUp: ['terraform state list -id=sgr-1', 'terraform state list -id=sg-1'],
    });
  });

  test('that the undo cannot make a rule again whose group is gone', () => {
    const notes = (groups: readonly string[]): readonly string[] => {
      const made = inventoryOfWorld({ groups, rules: ['sgr-1 sg-a in tcp 22 sg-b'], interfaces: ['sg-a'] });
      const evidence = new RemovalEvidence(made, windowsOf({ asOf: DAY, windowDays: 1 }));
      const days = { source: '', days: new Set([0]) };
      return planRemoval(judged({ rules: [] }, made), made, evidence, days, { asOf: DAY, windowDays: 1 }).stages[0]!
        .removals[0]!.notes;
    };
    expect(notes(['sg-b'])).toEqual([]);
    expect(notes([])).toEqual([
      'the undo cannot make it again while sg-b is missing: it is not among the groups of this account and Region: it was deleted, or the list of groups was cut',
    ]);
  });

  test('that it cuts open connections whose replies pass by it', () => {
    const plan = planOf({ rules: ONE, verdicts: ['sgr1 stale untracked=7'] });
    expect(plan.stages[0]!.removals[0]!.cutsUntracked).toBe(true);
    expect(planText(plan)).toContain('Cuts open connections at once');
  });

  test('region and profile are in every command, where they are said', () => {
    const place = { region: 'eu-central-1', profile: "it's mine" };
    const { check, command, undo } = planOf({ rules: ONE, options: { place } }).stages[0]!.removals[0]!;
    for (const text of [check, command, undo])
      expect(text).toContain(` --region eu-central-1 --profile 'it'\\''s mine' `);
  });

  test('text of others breaks no table and starts nothing in Markdown', () => {
    const hostile = 'a | b ``` `x` <img src=x> [l](http://x) @org *b*\n| new | row |\u202e\n# head';
    const tags = { 'sg-1': [{ Key: 'terraform', Value: hostile }] };
    const text = planText(planOf({ rules: ONE, tags, options: { includeManaged: true } }));
    const rows = text.split('\n').filter((line) => line.includes('img'));
    expect(rows).toHaveLength(1);
    // Eight bars between nine cells, one at each end; all others are escaped.
    expect(rows[0]!.match(/(?<!\\)\|/g)).toHaveLength(10);
    expect(rows[0]).toContain('````the tag terraform = a \\| b ``` `x` <img');
    expect(text).not.toContain('\u202e');
  });

  test('the same plan whatever the order of the rules', () => {
    const rules = [...TWO, 'sgr3 sg1 in tcp 80 10.0.0.0/8', 'sgr4 sg1 in tcp 81 10.0.0.0/8'];
    const flows = ['eni1 3 sgr1,sgr2', 'eni1 4 sgr2,sgr1'];
    const plan = planOf({ rules, verdicts: BOTH, flows });
    expect(planOf({ rules: [...rules].reverse(), verdicts: BOTH, flows: [...flows].reverse() })).toEqual(plan);
  });
});
