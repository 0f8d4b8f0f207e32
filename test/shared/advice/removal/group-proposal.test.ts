/** What a group could be: the fewest rules that admit what was seen, and never more than before. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parseAddress, type parsePrefix } from '../../../../shared/addresses/address.ts';
import type { JudgedRule } from '../../../../shared/advice/judged-rule.ts';
import { Narrowing } from '../../../../shared/advice/narrowing/narrowing.ts';
import { fewest, isInside } from '../../../../shared/advice/removal/fewest-rules.ts';
import { unlessChanged } from '../../../../shared/advice/removal/group-proposal.ts';
import { planRemoval, windowsOf, type PlanOptions } from '../../../../shared/advice/removal/plan-removal.ts';
import { planText } from '../../../../shared/advice/removal/plan-text.ts';
import type { GroupPlan, Plan } from '../../../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../../../shared/advice/removal/removal-evidence.ts';
import { FlowExplainer } from '../../../../shared/evidence/explain-flow.ts';
import type { ServiceFlow } from '../../../../shared/evidence/service-flow.ts';
import { ruleContent } from '../../../../shared/inventory/content.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { isoTime } from '../../../../shared/time.ts';
import type { Verdict } from '../../../../shared/verdicts/verdict.ts';
import { Random } from '../../../oracle/random.ts';
import { inventoryOfWorld, type World } from '../world.ts';

const DAYS = 30;
const DAY = 86_400;
const WHEN = { asOf: (DAYS + 1) * DAY, windowDays: DAYS };
const ALL_DAYS = Array.from({ length: DAYS }, (_, i) => i + 1);

/** `eni-1 in 6 22 10.0.0.1`: interface, way, protocol, port, peer; admitted by what the inventory says. */
function seen(text: string, explainer: FlowExplainer): ServiceFlow {
  const [interfaceId = '', way, protocol, port, peer = ''] = text.split(' ');
  const direction = way === 'in' ? 'ingress' : 'egress';
  const name = { interfaceId, direction, protocol: Number(protocol), port: Number(port) } as const;
  const found = explainer.explain({ ...name, peer: parseAddress(peer)! });
  if (typeof found === 'string') throw new Error(found);
  const ruleIds = found.admitting.map(({ rule }) => rule.ruleId).sort();
  return {
    ...name,
    peer,
    ruleIds,
    possibleRuleIds: ruleIds.length === 0 ? found.could.map(({ ruleId }) => ruleId).sort() : [],
    unclearRuleIds: [],
    untrackedRuleIds: found.untrackedBy.map(({ ruleId }) => ruleId),
    requests: 1,
    replies: 1,
    inferred: 0,
    packets: 2,
    bytes: 80,
    first: 0,
    last: 0,
  };
}

interface Given extends World {
  /** Flows of every day, as {@link seen} takes them. */
  readonly flows: readonly string[];
  /** By rule; what the flows say is the rest. */
  readonly verdicts?: Readonly<Record<string, Verdict>>;
  readonly options?: Partial<PlanOptions>;
  /** Of all rules. */
  readonly report?: Partial<JudgedRule['report']>;
  /** Seen by the plan alone, on the last day. */
  readonly later?: readonly string[];
  readonly narrowed?: readonly number[];
  /** `sgr-1 5 999`: by the rule alone, on the day, requests that are counted beside, and as many replies. */
  readonly counted?: readonly string[];
}

interface Made {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly seen: readonly ServiceFlow[];
}

function made(given: Given): Made {
  const {
    flows,
    verdicts = {},
    options = {},
    report = {},
    later = [],
    narrowed = ALL_DAYS,
    counted = [],
    ...world
  } = given;
  const inventory = inventoryOfWorld(world);
  const explainer = new FlowExplainer(new CompiledInventory(inventory));
  const all = flows.map((text) => seen(text, explainer));
  const narrowing = new Narrowing(inventory);
  for (const day of narrowed) for (const one of all) narrowing.add(day, one);
  const times = (rule: Rule, isMeant: (flow: ServiceFlow) => boolean): number =>
    DAYS * all.filter((one) => one.ruleIds.includes(rule.ruleId) && isMeant(one)).length;
  const possible = (rule: Rule): number => all.filter((one) => one.possibleRuleIds.includes(rule.ruleId)).length;
  const inDoubt = new Set(inventory.rules.filter((rule) => possible(rule) > 0).map(({ groupId }) => groupId));
  const rules = inventory.rules.map((rule): JudgedRule => {
    const [usedTimes, soleTimes] = [times(rule, () => true), times(rule, ({ ruleIds }) => ruleIds.length === 1)];
    const coveredBy = [...new Set(all.flatMap(({ ruleIds }) => ruleIds))].filter((id) => id !== rule.ruleId);
    const verdict: Verdict =
      verdicts[rule.ruleId] ??
      (usedTimes === 0
        ? { kind: 'stale', ageUnknown: false }
        : soleTimes === 0
          ? { kind: 'redundant', coveredBy, ageUnknown: false }
          : { kind: 'active', unanswered: false });
    const mayNarrow = (verdict.kind === 'active' || verdict.kind === 'redundant') && !inDoubt.has(rule.groupId);
    return {
      rule,
      report: {
        verdict,
        why: verdict.kind,
        usedTimes,
        soleTimes,
        replyTimes: usedTimes,
        possibleTimes: possible(rule),
        untrackedReplies: 0,
        lastUsed: null,
        narrower: mayNarrow ? narrowing.result(rule.ruleId) : undefined,
        evidence: { watchedDays: DAYS, days: DAYS, young: null, knownSince: isoTime(DAY) },
        ...report,
      },
    };
  });
  const narrower = rules.flatMap(({ rule, report: { narrower: one } }) =>
    one ? [[rule.ruleId, one.rules] as const] : [],
  );
  const evidence = new RemovalEvidence(inventory, windowsOf(WHEN), new Map(narrower));
  for (const day of ALL_DAYS) for (const one of all) evidence.addFlow(one, day);
  for (const text of later) evidence.addFlow(seen(text, explainer), DAYS);
  for (const one of counted) {
    const [id = '', day, requests] = one.split(' ');
    const where = { vpcId: 'vpc-1', groupIds: ['sg-a'], provenTimes: 0 };
    evidence.addSet({
      ruleIds: [id],
      day: Number(day),
      ...where,
      requests: Number(requests),
      replies: Number(requests),
    });
  }
  const days = { source: 'here', days: new Set(ALL_DAYS) };
  return { plan: planRemoval(rules, inventory, evidence, days, { ...WHEN, ...options }), inventory, seen: all };
}

function text({ rule: { direction, protocol, ports, peer } }: { readonly rule: Rule | Adds['rule'] }): string {
  const service = ports
    ? `${protocol} ${ports.from === ports.to ? String(ports.from) : `${ports.from}-${ports.to}`}`
    : protocol;
  return `${direction === 'ingress' ? 'in' : 'out'} ${service} ${peer.value}`;
}
type Adds = NonNullable<GroupPlan['proposal']>['adds'][number];

/** `sgr-1 sgr-2 | in tcp 22 10.0.0.0/24 < sgr-3 | -sgr-3 -sgr-4`: what stays, what is made instead of what, what goes. */
function shortly({ proposal, reason }: GroupPlan): string {
  if (!proposal) return reason!;
  const { keeps, adds, removes } = proposal;
  return [
    keeps.map(({ ruleId }) => ruleId).join(' '),
    adds
      .map((one) => `${text(one)}${one.standsAs === null ? '' : ` (${one.standsAs})`} < ${one.insteadOf.join(' ')}`)
      .join(', '),
    removes.map(({ ruleId }) => `-${ruleId}`).join(' '),
  ].join(' | ');
}

const WIDE = 'sgr-wide sg-a in tcp 0-65535 10.0.0.0/8';
const STALE = 'sgr-stale sg-a in tcp 22 192.168.0.0/16';
const SSH = ['eni-1 in 6 22 10.1.2.3', 'eni-1 in 6 22 10.1.2.4'];

describe('what it is', () => {
  test.each<[why: string, given: Partial<Given>, proposed: string]>([
    [
      'unused rules go, wide ones get narrower',
      {},
      ' | in tcp 22 10.1.2.3/32 < sgr-wide, in tcp 22 10.1.2.4/32 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'halves of a CIDR and ports side by side are one rule, where a wider one had both',
      {
        flows: ['eni-1 in 6 80 10.1.2.2', 'eni-1 in 6 81 10.1.2.2', 'eni-1 in 6 80 10.1.2.3', 'eni-1 in 6 81 10.1.2.3'],
      },
      ' | in tcp 80-81 10.1.2.2/31 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'what a rule that stays admits, is not made',
      {
        rules: [WIDE, STALE, 'sgr-keep sg-a in tcp 22 10.1.2.0/24'],
        verdicts: { 'sgr-keep': { kind: 'exempt', reason: 'audit', owner: null, until: null } },
        flows: [...SSH, 'eni-1 in 6 9 10.1.2.3'],
      },
      'sgr-keep | in tcp 9 10.1.2.3/32 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'what is wanted and stands need not go and come again',
      { rules: [WIDE, STALE, 'sgr-same sg-a in tcp 22 10.1.2.3/32'], flows: [SSH[0]!, 'eni-1 in 6 9 10.1.2.9'] },
      ' | in tcp 9 10.1.2.9/32 < sgr-wide, in tcp 22 10.1.2.3/32 (sgr-same) < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'unless it is to go from code: then nothing rests on it',
      {
        rules: [WIDE, STALE, 'sgr-same sg-a in tcp 22 10.1.2.3/32'],
        flows: [SSH[0]!, 'eni-1 in 6 9 10.1.2.9'],
        options: { declaredBy: ({ ruleId }) => (ruleId === 'sgr-same' ? [{ tool: 'x', note: 'its code' }] : []) },
      },
      'sgr-same sgr-wide |  | -sgr-stale',
    ],
    [
      'and what stays but may go from code, admits nothing in the place of others',
      {
        rules: [WIDE, STALE, 'sgr-code sg-a in tcp 22 10.1.2.0/24'],
        flows: [...SSH, 'eni-1 in 6 9 10.1.2.9'],
        options: { declaredBy: ({ ruleId }) => (ruleId === 'sgr-code' ? [{ tool: 'x', note: 'its code' }] : []) },
      },
      'sgr-code | in tcp 9 10.1.2.9/32 < sgr-wide, in tcp 22 10.1.2.3/32 < sgr-wide, in tcp 22 10.1.2.4/32 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'rules that nobody can tell of stay as they are',
      {
        rules: [WIDE, STALE, 'sgr-x sg-a in udp 53 10.0.0.0/8', 'sgr-y sg-a in icmp -1/-1 10.0.0.0/8'],
        verdicts: {
          'sgr-x': { kind: 'notObserved', reason: 'idle' },
          'sgr-y': { kind: 'tooYoung', young: 'rule', since: '', nextBetterDay: '' },
        },
        flows: [SSH[0]!],
      },
      'too few',
    ],
    [
      'a reference to a group stays one',
      { rules: ['sgr-ref sg-a in tcp 0-65535 sg-b', STALE], flows: ['eni-1 in 6 22 10.9.0.2'] },
      ' | in tcp 22 sg-b < sgr-ref | -sgr-ref -sgr-stale',
    ],
    [
      'public peers of the web keep their CIDR',
      { rules: ['sgr-web sg-a in tcp 0-65535 0.0.0.0/0', STALE], flows: ['eni-1 in 6 443 9.9.9.9'] },
      ' | in tcp 443 0.0.0.0/0 < sgr-web | -sgr-stale -sgr-web',
    ],
    [
      'what a tool writes is left to it',
      { options: { declaredBy: ({ ruleId }) => (ruleId === 'sgr-wide' ? [{ tool: 'x', note: 'its code' }] : []) } },
      'sgr-wide |  | -sgr-stale',
    ],
    [
      'what is kept out of the plan stays',
      { options: { leftOut: () => 'as asked for' } },
      'none of its rules may change: sgr-stale stays, since as asked for',
    ],
    [
      'of unknown age: nothing is narrowed',
      { report: { evidence: { watchedDays: DAYS, days: DAYS, young: null, knownSince: null } } },
      'sgr-wide |  | -sgr-stale',
    ],
    [
      'vouched for',
      {
        report: { evidence: { watchedDays: DAYS, days: DAYS, young: null, knownSince: null } },
        options: { rulesKnownSince: DAY },
      },
      ' | in tcp 22 10.1.2.3/32 < sgr-wide, in tcp 22 10.1.2.4/32 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'watched on too few days',
      { report: { evidence: { watchedDays: 29, days: DAYS, young: null, knownSince: isoTime(DAY) } } },
      'none of its rules may change: sgr-stale stays, since watched on 29 days only, and a plan wants 30 (--min-days)',
    ],
    ['used otherwise since the report', { later: ['eni-1 in 6 8080 10.1.2.3'] }, 'sgr-wide |  | -sgr-stale'],
    ['the report tells of more use than the evidence', { report: { usedTimes: 999 } }, 'sgr-wide |  | -sgr-stale'],
    [
      'or than counters, which tell no port: use of another one may be in them',
      { report: { usedTimes: 999 }, counted: [`sgr-wide ${String(DAYS)} 999`] },
      'sgr-wide |  | -sgr-stale',
    ],
    [
      'but for those of the day that was not over',
      { report: { usedTimes: 999 }, counted: [`sgr-wide ${String(DAYS + 1)} 999`] },
      ' | in tcp 22 10.1.2.3/32 < sgr-wide, in tcp 22 10.1.2.4/32 < sgr-wide | -sgr-stale -sgr-wide',
    ],
    [
      'a day of which narrower rules know nothing',
      { options: { narrowedDays: new Set(ALL_DAYS.slice(1)) } },
      'sgr-wide |  | -sgr-stale',
    ],
    [
      'flows that it could have admitted',
      {
        rules: [WIDE, STALE, 'sgr-list sg-a in tcp 9 pl-1'],
        lists: { 'pl-1': 4 },
        flows: [...SSH, 'eni-1 in 6 9 192.168.3.3'],
      },
      'sgr-list may have admitted flows that no rule is known to admit: they may need any rule of the group as it is',
    ],
  ])('%s', (_why, given, proposed) => {
    const { groups = [] } = made({ rules: [WIDE, STALE], interfaces: ['sg-a', 'sg-b'], flows: SSH, ...given }).plan;
    const [group] = groups.filter(({ groupId }) => groupId === 'sg-a');
    expect(group ? shortly(group) : 'too few').toBe(proposed);
  });

  test('none where a rule of the group is new, or was used since the report', () => {
    const { groups = [] } = made({ rules: [WIDE, STALE], interfaces: ['sg-a'], flows: SSH }).plan;
    const since = (groupId: string) =>
      ({ ruleId: 'sgr-new', groupId, groupName: '', verdict: 'tooYoung', reason: 'it is new' }) as const;
    expect(unlessChanged(groups, [since('sg-b')])).toEqual(groups);
    expect(unlessChanged(groups, [since('sg-a')]).map(shortly)).toEqual([
      'the report does not know all of it: sgr-new: it is new',
    ]);
  });

  test('half of the rules are not more than half', () => {
    const rules = [WIDE, 'sgr-2 sg-a in tcp 443 10.0.0.0/8'];
    const verdicts = { 'sgr-2': { kind: 'notObserved', reason: 'idle' } as const };
    expect(made({ rules, interfaces: ['sg-a'], flows: SSH, verdicts }).plan.groups).toEqual([]);
  });

  test('more than AWS lets a group have: none, and why; entries of lists count', () => {
    const narrow = (i: number): string => `sgr-n${String(i)} sg-a in tcp ${String(100 + i)} 10.3.0.0/16`;
    const kept = Array.from({ length: 59 }, (_, i) => narrow(i));
    const verdicts = Object.fromEntries(
      kept.map((rule) => [rule.split(' ')[0]!, { kind: 'notObserved', reason: 'idle' } as const]),
    );
    const unused = Array.from({ length: 60 }, (_, i) => `sgr-u${String(i)} sg-a in tcp ${String(300 + i)} 10.3.0.0/16`);
    const of = (rules: readonly string[], flows: readonly string[], lists = {}): GroupPlan =>
      made({ rules, interfaces: ['sg-a'], flows, verdicts, lists }).plan.groups![0]!;
    expect(shortly(of([WIDE, ...kept, ...unused], [SSH[0]!]))).toMatch(/in tcp 22 10\.1\.2\.3\/32 < sgr-wide/);
    expect(shortly(of([WIDE, ...kept, ...unused], SSH))).toBe(
      'it would take 61 rules in one direction, and AWS lets a group have 60',
    );
    const list = { 'pl-1': ['10.200.0.0/16', '10.201.0.0/16'] };
    const listed = [WIDE, ...kept.slice(0, 58), ...unused, 'sgr-list sg-a in tcp 7 pl-1'];
    verdicts['sgr-list'] = { kind: 'notObserved', reason: 'idle' };
    expect(shortly(of(listed, [SSH[0]!], list))).toContain('61 rules');
  });

  test('the commands make the new rules first, and each has its undo; what is given up is told', () => {
    const { plan } = made({ rules: [WIDE, STALE], interfaces: ['sg-a'], flows: SSH });
    const [{ proposal }] = plan.groups as [GroupPlan];
    const { adds, removes, caveats } = proposal!;
    expect(adds[0]!.command).toBe(
      `aws ec2 authorize-security-group-ingress --group-id sg-a --ip-permissions '[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"10.1.2.3/32"}]}]'`,
    );
    expect(adds[0]!.undo).toBe(adds[0]!.command.replace('authorize', 'revoke'));
    expect(removes.map(({ ruleId, givesUp, command }) => [ruleId, givesUp, command])).toEqual([
      ['sgr-stale', 1, 'aws ec2 revoke-security-group-ingress --group-id sg-a --security-group-rule-ids sgr-stale'],
      [
        'sgr-wide',
        1 - 2 / (65_536 * 2 ** 24),
        'aws ec2 revoke-security-group-ingress --group-id sg-a --security-group-rule-ids sgr-wide',
      ],
    ]);
    expect(caveats).toEqual([
      'What was not seen on 30 days of evidence, at least, is given up with what the rules were too wide for',
    ]);
    const page = planText(plan);
    const places = [adds[0]!.command, removes[1]!.command, removes[1]!.undo].map((command) => page.indexOf(command));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  describe('pasted into a shell', () => {
    const rules = [WIDE, STALE, 'sgr-two sg-a in udp 0-65535 10.0.0.0/8', 'sgr-keep sg-a in tcp 99 10.1.2.0/24'];
    const verdicts = { 'sgr-keep': { kind: 'exempt', reason: '', owner: null, until: null } as const };
    const flows = [SSH[0]!, 'eni-1 in 17 53 10.1.2.3', 'eni-1 in 6 99 10.1.2.3'];
    const { plan } = made({ rules, interfaces: ['sg-a'], flows, verdicts });
    const blocks = [...planText(plan).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);
    const [forth, back] = blocks.slice(-2) as [string, string];
    /** What is done, where AWS says so. */
    const done = (block: string, answers: string, shell = 'sh'): string[] => {
      const aws = `aws() { case "$*" in ${answers} *describe*) echo same;; *) echo "$2 $4 $6" >>"$done";; esac; }`;
      const script = `done=$(mktemp); ${aws}\n${block}\ncat "$done"; rm "$done"`;
      const { stdout } = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
      return stdout
        .replace(/-security-group-ingress sg-a/g, '')
        .replace(/\[.*/g, '…')
        .split('\n')
        .slice(0, -1);
    };
    const REFUSED = 'echo RulesPerSecurityGroupLimitExceeded; return 254;;';
    const TWICE = 'echo "An error occurred (InvalidPermission.Duplicate)" >&2; return 254;;';

    test.each<[what: string, answers: string, done: string[]]>([
      ['all is done', '', ['authorize …', 'authorize …', 'revoke sgr-two', 'revoke sgr-wide']],
      [
        'a rule that was changed stays',
        '*describe*sgr-two*) echo changed;;',
        ['authorize …', 'authorize …', 'revoke sgr-wide'],
      ],
      [
        'one that is there already is as good',
        `*authorize*tcp*) ${TWICE}`,
        ['authorize …', 'revoke sgr-two', 'revoke sgr-wide'],
      ],
      [
        'none goes where one in its place was refused',
        `*authorize*udp*) ${REFUSED}`,
        ['RulesPerSecurityGroupLimitExceeded', 'authorize …'],
      ],
      [
        'nor where what must stand was changed',
        '*describe*sgr-keep*) echo changed;;',
        ['sgr-keep is gone or has changed: this is no more to be taken.', 'authorize …', 'authorize …'],
      ],
    ])('%s', (_what, answers, steps) => {
      for (const shell of ['sh', 'bash']) {
        const told = done(forth, answers, shell).filter((line) => !line.startsWith('Not made'));
        expect(told).toEqual(steps);
      }
    });

    test('its undo takes no new rule away before all old ones are back', () => {
      expect(done(back, '')).toEqual(['authorize …', 'authorize …', 'revoke …', 'revoke …']);
      const told = done(back, `*authorize*tcp*) ${REFUSED}`).filter((line) => !line.startsWith('Not made'));
      expect(told).toEqual(['RulesPerSecurityGroupLimitExceeded', 'authorize …']);
    });
  });

  test('of ::/0 so much is given up that it is all, to the last digit; it is narrowed all the same', () => {
    const { plan } = made({
      rules: ['sgr-six sg-a in -1 ::/0', STALE],
      interfaces: ['sg-a'],
      flows: ['eni-1 in 6 22 2001:db8::1'],
    });
    const [six, gone] = plan.groups![0]!.proposal!.removes;
    expect([gone!.isNarrowed, six!.isNarrowed, six!.givesUp]).toEqual([false, true, 1]);
    expect(planText(plan)).toContain(`&& ${six!.command}`);
    expect(planText(plan)).not.toContain(`&& ${gone!.command}`);
  });

  test('what must stand is looked at first', () => {
    const rules = [
      WIDE,
      STALE,
      'sgr-keep sg-a in tcp 22 10.1.2.0/24',
      'sgr-r sg-a in tcp 22 10.1.2.0/25',
      'sgr-b sg-b in tcp 22 10.1.0.0/16',
    ];
    const verdicts = { 'sgr-keep': { kind: 'exempt', reason: '', owner: null, until: null } as const };
    const flows = ['eni-1 in 6 22 10.1.2.3', 'eni-1 in 6 9 10.1.2.3'];
    const { plan } = made({ rules, interfaces: ['sg-a,sg-b'], flows, verdicts });
    const [group] = plan.groups!;
    expect(group!.proposal!.keepers.map(({ ruleId }) => ruleId)).toEqual(['sgr-keep']);
    expect(planText(plan)).toMatch(
      /# What must stand.*\ntest "\$\(aws ec2 describe-security-group-rules --security-group-rule-ids sgr-keep /,
    );
  });

  test('of all protocols without ICMP: nobody learns of smaller packets', () => {
    const rules = ['sgr-all sg-a in -1 0.0.0.0/0', STALE];
    const caveats = (flows: readonly string[]): string =>
      made({ rules, interfaces: ['sg-a'], flows }).plan.groups![0]!.proposal!.caveats.join();
    expect(caveats(SSH)).toMatch(/sgr-all: gives up ICMP/);
    expect(caveats([...SSH, 'eni-1 in 1 0 10.1.2.3'])).not.toMatch(/ICMP/);
  });

  test('a rule for all addresses: connections are tracked from then on', () => {
    const rules = ['sgr-open sg-a in tcp 0-65535 0.0.0.0/0', STALE];
    const { plan } = made({ rules, interfaces: ['sg-a'], flows: SSH });
    expect(plan.groups![0]!.proposal!.caveats.join()).toMatch(/sgr-open: connections .* may be untracked/);
  });
});

test('what it covers in the longer window of another rule counts, for what it could be narrowed to', () => {
  const inventory = inventoryOfWorld({
    rules: ['sgr-year sg-a in tcp 22-23 10.0.0.0/8', 'sgr-wide sg-a in tcp 0-65535 10.0.0.0/8'],
    interfaces: ['sg-a'],
  });
  const outside = (yearFrom: number): number => {
    const windowOf = ({ ruleId }: Rule) => ({
      ...windowsOf(WHEN)(inventory.rules[0]!),
      firstDay: ruleId === 'sgr-year' ? yearFrom : 10,
    });
    const to22 = [
      { protocol: 'tcp', ports: { from: 22, to: 22 }, peer: { type: 'cidrIpv4', value: '10.1.2.3/32' } as const },
    ];
    const evidence = new RemovalEvidence(inventory, windowOf, new Map([['sgr-wide', to22]]));
    const explainer = new FlowExplainer(new CompiledInventory(inventory));
    for (const port of [22, 23]) evidence.addFlow(seen(`eni-1 in 6 ${String(port)} 10.1.2.3`, explainer), 2);
    return evidence.of(inventory.rules.find(({ ruleId }) => ruleId === 'sgr-wide')!).outsideFlows;
  };
  expect([outside(1), outside(3)]).toEqual([1, 0]);
});

test('rules are put together only where a rule had both', () => {
  const [a, b, c, d] = inventoryOfWorld({
    rules: [
      'sgr-1 sg-a in tcp 80 10.0.0.0/25',
      'sgr-2 sg-a in tcp 80 10.0.0.128/25',
      'sgr-3 sg-a in tcp 81 10.0.0.0/24',
      'sgr-4 sg-a out tcp 80 10.0.0.0/24',
    ],
  }).rules as unknown as [Rule, Rule, Rule, Rule];
  const shown = (rules: readonly Rule[]): string[] => rules.map((rule) => text({ rule }));
  expect(shown(fewest([a, b, c, d], () => true))).toEqual(['in tcp 80-81 10.0.0.0/24', 'out tcp 80 10.0.0.0/24']);
  expect(fewest([a, b, c, d], () => false)).toHaveLength(4);
  const { prefix } = c.peer as { prefix: NonNullable<ReturnType<typeof parsePrefix>> };
  expect(
    shown(fewest([a, b], (rule) => 'prefix' in rule.peer && rule.peer.prefix.length > prefix.length)),
  ).toHaveLength(2);
});

test('ports are put together side by side only, and one ICMP type is not all', () => {
  const [a, b, c, ping, icmp] = inventoryOfWorld({
    rules: [
      'sgr-1 sg-a in tcp 80 10.0.0.0/24',
      'sgr-2 sg-a in tcp 81 10.0.0.0/24',
      'sgr-3 sg-a in tcp 83 10.0.0.0/24',
      'sgr-4 sg-a in icmp 8/0 10.0.0.0/24',
      'sgr-5 sg-a in icmp -1/-1 10.0.0.0/24',
    ],
  }).rules as unknown as [Rule, Rule, Rule, Rule, Rule];
  expect(fewest([a, b, c], () => true).map((rule) => text({ rule }))).toEqual([
    'in tcp 80-81 10.0.0.0/24',
    'in tcp 83 10.0.0.0/24',
  ]);
  expect(fewest([a, b, c], () => false)).toHaveLength(3);
  expect([isInside(icmp, ping), isInside(ping, icmp)]).toEqual([false, true]);
});

/** Rules of two groups, of all kinds of peers. */
function randomRules(random: Random): string[] {
  const octet = (most: number): string => String(random.between(0, most));
  return Array.from({ length: random.between(4, 14) }, (_, i) => {
    const way = random.chance(0.8) ? 'in' : 'out';
    const from = random.pick([22, 80, 443, 1000, 0]);
    const service = random.pick([
      `tcp ${String(from)}-${String(from + random.pick([0, 1, 3, 60_000]))}`,
      `tcp ${String(from)}`,
      `udp 53-${String(53 + random.pick([0, 9, 900]))}`,
      '-1',
      'icmp -1/-1',
    ]);
    const length = random.pick([8, 16, 24, 31, 32]);
    const peer = random.pick([
      `10.${length > 8 ? octet(2) : '0'}.${length > 16 ? octet(1) : '0'}.${length === 31 ? '4' : length > 24 ? octet(6) : '0'}/${String(length)}`,
      `10.${length > 8 ? octet(2) : '0'}.${length > 16 ? octet(1) : '0'}.${length === 31 ? '2' : length > 24 ? octet(6) : '0'}/${String(length)}`,
      '0.0.0.0/0',
      '2001:db8::/32',
      random.pick(['sg-a', 'sg-b']),
      'pl-1',
    ]);
    return `sgr-${String(i)} ${random.pick(['sg-a', 'sg-a', 'sg-b'])} ${way} ${service} ${peer}`;
  });
}

function randomFlow(random: Random): string {
  const octet = (most: number): string => String(random.between(0, most));
  const [protocol, port] = random.pick([
    [6, random.pick([22, 22, 80, 81, 443, 1000, 1001, 8080])],
    [17, random.pick([53, 54, 60])],
    [1, 0],
    [47, 0],
  ] as const);
  const peer = random.pick([
    `10.${octet(2)}.${octet(1)}.${octet(6)}`,
    `10.0.${octet(1)}.${octet(6)}`,
    `10.9.0.${String(random.between(1, 3))}`,
    `9.9.${octet(1)}.9`,
    `2001:db8::${octet(3)}`,
  ]);
  const way = random.chance(0.8) ? 'in' : 'out';
  return `eni-${String(random.between(1, 3))} ${way} ${String(protocol)} ${String(port)} ${peer}`;
}

/** What the commands of proposals do, where AWS refuses to make a rule twice. */
function take(rules: readonly Rule[], proposals: readonly NonNullable<GroupPlan['proposal']>[]): Rule[] {
  const removed = new Set(proposals.flatMap(({ removes }) => removes.map(({ ruleId }) => ruleId)));
  const all = [...rules];
  for (const [i, { rule }] of proposals.flatMap(({ adds }) => adds).entries()) {
    const made = { ...(rule as Rule), ruleId: `sgr-new${String(i).padStart(3, '0')}` };
    if (!all.some((one) => ruleContent(one) === ruleContent(made))) all.push(made);
  }
  return all.filter(({ ruleId }) => !removed.has(ruleId));
}

/** What a stage's script does, which stops where a keeper is missing. */
function runStage(rules: readonly Rule[], { keepers, removals }: Plan['stages'][number]): readonly Rule[] {
  const there = new Set(rules.map(({ ruleId }) => ruleId));
  if (!keepers.every(({ ruleId }) => there.has(ruleId))) return rules;
  const gone = new Set(removals.map(({ rule }) => rule.ruleId));
  return rules.filter(({ ruleId }) => !gone.has(ruleId));
}

function explainerOf(inventory: Inventory, rules: readonly Rule[]): FlowExplainer {
  const sorted = [...rules].sort((x, y) => (x.groupId + x.ruleId < y.groupId + y.ruleId ? -1 : 1));
  return new FlowExplainer(new CompiledInventory({ ...inventory, rules: sorted }));
}

function isAdmitted(explainer: FlowExplainer, { interfaceId, direction, protocol, port, peer }: ServiceFlow): boolean {
  const found = explainer.explain({ interfaceId, direction, protocol, port, peer: parseAddress(peer)! });
  return typeof found !== 'string' && found.admitting.length > 0;
}

test('in worlds of any kind: nothing that was seen is cut, by one proposal or all and the stages, and nothing is let in anew', () => {
  const random = new Random(19);
  const sums = { worlds: 400, proposals: 0, added: 0, removed: 0, kept: 0, joined: 0, probes: 0 };
  for (let i = 0; i < sums.worlds; i++) {
    const world = {
      rules: randomRules(random),
      interfaces: ['sg-a', 'sg-b', 'sg-a,sg-b'],
      lists: { 'pl-1': ['10.1.0.0/24', '10.2.0.0/16'] },
    };
    const inventory = inventoryOfWorld(world);
    const before = new FlowExplainer(new CompiledInventory(inventory));
    const flows = Array.from({ length: random.pick([2, 10, 60]) }, () => randomFlow(random)).filter((one) =>
      isAdmitted(before, seen(one, before)),
    );
    const managed = new Set(inventory.rules.filter(() => random.chance(0.05)).map(({ ruleId }) => ruleId));
    const declaredBy = ({ ruleId }: Rule) => (managed.has(ruleId) ? [{ tool: 'x', note: 'y' }] : []);
    const result = made({ ...world, flows, options: { declaredBy } });
    const groups = (result.plan.groups ?? []).flatMap(({ proposal }) => (proposal ? [proposal] : []));
    const inCode = result.plan.inCode.map(({ rule }) => rule.ruleId);
    const taken = (some: typeof groups) => (rules: readonly Rule[]) => take(rules, some);
    const stages = result.plan.stages.map((stage) => (rules: readonly Rule[]) => runStage(rules, stage));
    const code = (rules: readonly Rule[]): Rule[] => rules.filter(({ ruleId }) => !inCode.includes(ruleId));
    const orders = [
      ...groups.map((one) => [taken([one])]),
      [...stages, taken(groups), code],
      [taken(groups), code, ...stages],
      [code, taken(groups), ...stages],
    ];
    for (const steps of orders) {
      const rules = steps.reduce<readonly Rule[]>((some, step) => step(some), inventory.rules);
      const after = explainerOf(inventory, rules);
      expect({ world, cut: result.seen.filter((flow) => !isAdmitted(after, flow)) }).toEqual({ world, cut: [] });
      for (let j = 0; j < 20; j++) {
        const probe = seen(randomFlow(random), before);
        sums.probes++;
        if (!isAdmitted(before, probe))
          expect({ world, probe, after: isAdmitted(after, probe) }).toMatchObject({ after: false });
      }
    }
    for (const { keeps, adds, removes } of groups) {
      sums.proposals++;
      sums.added += adds.length;
      sums.removed += removes.length;
      sums.kept += keeps.length;
      if (adds.some(({ insteadOf }) => insteadOf.length > 1)) sums.joined++;
      expect(keeps.length + adds.length).toBeLessThanOrEqual(60);
      expect(removes.filter(({ ruleId }) => managed.has(ruleId))).toEqual([]);
      for (const { rule, insteadOf } of adds) {
        const present = inventory.rules.filter(({ groupId }) => groupId === rule.groupId);
        const isOfList = (one: Rule): boolean => insteadOf.includes(one.ruleId) && one.peer.type === 'prefixList';
        expect(present.some((one) => isOfList(one) || isInside(rule as Rule, one))).toBe(true);
      }
    }
  }
  console.log(`proposed: ${JSON.stringify(sums)}`);
  expect(Math.min(sums.proposals, sums.added, sums.removed, sums.kept)).toBeGreaterThan(100);
});
