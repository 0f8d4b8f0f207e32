import { describe, expect, test } from '@jest/globals';
import { planRemoval, windowsOf } from '../../../../shared/advice/removal/plan-removal.ts';
import { stageScript, undoScript } from '../../../../shared/advice/removal/plan-scripts.ts';
import { planText } from '../../../../shared/advice/removal/plan-text.ts';
import type { Plan, PlanBy } from '../../../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../../../shared/advice/removal/removal-evidence.ts';
import { partyOf, stageScripts } from '../../../../shared/advice/removal/staging.ts';
import { unusedRule } from '../world.ts';
import { awsRule, inventoryOf } from '../../inventory/aws-shorthand.ts';

interface Asked {
  readonly by: PlanBy;
  /** So many rules of each owner, by the tag `team` of their groups; `''` for none. */
  readonly owners: Readonly<Record<string, number>>;
  readonly accountOf?: (owner: string) => string;
  readonly maxPerStage?: number;
}

const WHEN = { asOf: 86_400 * 20_000, windowDays: 90 };

/** Of unused rules, twelve to a group. */
function planOf({ by, owners, accountOf = () => '111122223333', maxPerStage }: Asked): Plan {
  const names = Object.keys(owners);
  const groups = names.flatMap((owner, i) => {
    return Array.from({ length: Math.ceil(owners[owner]! / 12) }, (_, group) => ({
      GroupId: `sg-${String(i)}x${String(group)}`,
      GroupName: 'g',
      OwnerId: accountOf(owner),
      VpcId: `vpc-${String(group % 2)}`,
      Tags: owner === '' ? [] : [{ Key: 'team', Value: owner }],
    }));
  });
  const rules = names.flatMap((owner, i) => {
    return Array.from({ length: owners[owner]! }, (_, rule) =>
      awsRule(`in tcp ${String(rule + 1)} 10.0.0.0/8`, {
        SecurityGroupRuleId: `sgr-${String(i)}x${String(rule)}`,
        GroupId: `sg-${String(i)}x${String(Math.floor(rule / 12))}`,
      }),
    );
  });
  const inventory = inventoryOf({ groups, rules });
  const days = { source: 'evidence', days: new Set(Array.from({ length: 90 }, (_, i) => 19_910 + i)) };
  const evidence = new RemovalEvidence(inventory, windowsOf(WHEN));
  return planRemoval(inventory.rules.map(unusedRule), inventory, evidence, days, { ...WHEN, by, maxPerStage });
}

const stages = ({ stages: all }: Plan): string[] =>
  all.map(({ of, removals }) => `${of ?? '*'}: ${String(removals.length)}`);
const files = (plan: Plan): string[] => plan.stages.flatMap((stage) => Object.values(stageScripts(stage)));

describe('stages of owners', () => {
  test('are in a row for each, the largest first, with a canary each, under names that say whose they are', () => {
    const plan = planOf({ by: 'owner', owners: { 'team-b': 4, 'team-a': 40, '': 3 } });
    expect(stages(plan)).toEqual(['team-a: 10', 'team-a: 30', 'team-b: 4', ': 3']);
    expect(plan.by).toBe('owner');
    expect(files(plan)).toEqual([
      ...['stage-1.team-a.sh', 'stage-1-undo.team-a.sh', 'stage-2.team-a.sh', 'stage-2-undo.team-a.sh'],
      ...['stage-3.team-b.sh', 'stage-3-undo.team-b.sh', 'stage-4.nobody.sh', 'stage-4-undo.nobody.sh'],
    ]);
    const canary = plan.stages[0]!.removals.map(({ rule, vpcId }) => `${vpcId} ${rule.groupId}`);
    expect(new Set(canary.filter((text) => text.startsWith('vpc-0'))).size).toBe(2);
    for (const { of, removals } of plan.stages) {
      expect(new Set(removals.map((one) => partyOf(one, 'owner')))).toEqual(new Set([of]));
    }
    const text = planText(plan);
    expect(text).toContain('| `team-a` | 40 | `sh stage-1.team-a.sh` (10), then `sh stage-2.team-a.sh` (30) |');
    expect(text).toContain('| no owner told | 3 | `sh stage-4.nobody.sh` (3) |');
    expect(text).toContain('## Stage 3 of 4, `team-b`: 4 stale rules');
    expect(text).toContain('in any order and side by side');
    // Two plans at a time are not safe together: in one a rule may take over that the other removes.
    expect(text.replace(/\s+/g, ' ')).toMatch(/within one plan: whoever plans anew does so for every owner/);
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /newer plan was carried out, by whomever, nothing of this one is to be removed/,
    );
    expect(stageScript(plan, plan.stages[0]!)).toContain('# Not to be run once anything of a newer plan was');
    expect(stageScript(plan, plan.stages[2]!)).toContain('# Stage 3 of 4, of team-b: removes 4 security group rules');
    expect(undoScript(plan, plan.stages[2]!)).toContain('# Undo of stage 3 of 4, of team-b: makes');
  });

  test('by VPC all is as it was: nobody is named, and all share', () => {
    const plan = planOf({ by: 'vpc', owners: { 'team-b': 4, 'team-a': 40 } });
    expect(stages(plan)).toEqual(['*: 10', '*: 31', '*: 3']);
    expect(plan).not.toHaveProperty('by');
    expect(files(plan)).toEqual([
      'stage-1.sh',
      'stage-1-undo.sh',
      'stage-2.sh',
      'stage-2-undo.sh',
      'stage-3.sh',
      'stage-3-undo.sh',
    ]);
    expect(planText(plan)).not.toMatch(/By vpc|side by side|several/);
  });

  test('by account likewise', () => {
    const accountOf = (owner: string) => (owner === 'a' ? '111122223333' : '444455556666');
    const plan = planOf({ by: 'account', owners: { a: 2, b: 3, c: 4 }, accountOf });
    expect(stages(plan)).toEqual(['444455556666: 7', '111122223333: 2']);
    expect(files(plan)[0]).toBe('stage-1.444455556666.sh');
  });

  test.each([
    [1, 10_000],
    [7, 1428],
    [200, 50],
    [5000, 2],
  ])('%d owners of %d rules each have fewer than 40 files', (number, each) => {
    const owners = Object.fromEntries(
      Array.from({ length: number }, (_, i) => [`team-${String(i)}`, i === 0 ? each + 1 : each]),
    );
    const plan = planOf({ by: 'owner', owners });
    expect(new Set(files(plan)).size).toBe(2 * plan.stages.length);
    expect(files(plan).length + 4).toBeLessThanOrEqual(40);
    expect(plan.stages.reduce((sum, { removals }) => sum + removals.length, 0)).toBe(number * each + 1);
    // The largest has its own.
    expect(plan.stages[0]!.of).toBe('team-0');
    if (number < 8) return;
    const shared = plan.stages.filter(({ of }) => of === undefined);
    expect(shared.length).toBeGreaterThan(0);
    const last = `team-${String(number - 1)}`;
    const scripts = shared.map((stage) => stageScripts(stage).script);
    expect(planText(plan)).toContain(`| \`${last}\` | ${String(each)} | \`sh ${scripts[0]!} owner:${last}\``);
    const script = stageScript(plan, shared[0]!);
    expect(script.split('\n')).toContain(`party=owner:${last}`);
    expect(/^known='.* owner:team-150? /m.test(script)).toBe(true);
  });

  test('names of others become no path, no word of a shell and no undo', () => {
    const hostile = ['../x', '$(reboot)', 'undo', 'a\nb', 'Team', 'team', '-rf', 'x'.repeat(255)];
    const plan = planOf({ by: 'owner', owners: Object.fromEntries(hostile.map((name) => [name, 1])) });
    for (const name of files(plan)) expect(name).toMatch(/^stage-\d+(?:-undo)?\.[a-z0-9-]+\.sh$/);
    expect(new Set(files(plan)).size).toBe(16);
    for (const stage of plan.stages) {
      for (const line of stageScript(plan, stage).split('\n')) {
        if (line.includes('reboot')) expect(line).toMatch(/^#/);
      }
    }
    expect(planText(plan)).toContain('| `a?b` |');
  });
});
