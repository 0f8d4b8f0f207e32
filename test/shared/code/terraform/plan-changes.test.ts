import { describe, expect, test } from '@jest/globals';
import { planChanges } from '../../../../shared/code/terraform/plan-changes.ts';
import { terraformPlan } from '../../../../shared/code/terraform/plan.ts';
import type { RuleChanges } from '../../../../shared/code/rule-changes.ts';
import { ruleText } from '../../../../shared/text/rule-text.ts';
import { fixture } from '../../../terraform/terraform-files.ts';
import { accountOf } from './forms.ts';

/** What `test/terraform/changes` declares, and rules that no code does. */
const ACCOUNT = accountOf({
  'sgr-https': 'sg-a in tcp 443 0.0.0.0/0',
  'sgr-old': 'sg-a in tcp 8080 0.0.0.0/0',
  'sgr-db0': 'sg-b in tcp 5432 10.0.0.0/16',
  'sgr-db9': 'sg-b in tcp 5432 10.9.0.0/16',
  'sgr-ssh': 'sg-c in tcp 22 0.0.0.0/0',
  'sgr-telnet': 'sg-c in tcp 23 0.0.0.0/0',
  'sgr-by-hand': 'sg-c out -1 0.0.0.0/0',
  'sgr-names-c': 'sg-a in tcp 9000 sg-c',
  'sgr-default': 'sg-default in -1 sg-default',
  'sgr-default-out': 'sg-default out -1 0.0.0.0/0',
});

interface Told {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly untold: readonly string[];
  readonly notes: readonly string[];
}

function told({ removed, added, untold, notes }: RuleChanges): Told {
  return {
    removed: [...removed.keys()].sort(),
    added: added.map((rule) => `${rule.groupId} ${ruleText(rule)}`),
    untold,
    notes,
  };
}

function changesOf(content: unknown): Told {
  return told(planChanges(new Map([['plan.json', terraformPlan('plan.json', content)]]), ACCOUNT));
}

const resource = (type: string, actions: string[], change: object, more: object = {}): object => ({
  address: `${type}.x`,
  mode: 'managed',
  type,
  change: { actions, before: null, after: null, after_unknown: {}, ...change },
  ...more,
});
const planOf = (...resource_changes: object[]): object => ({
  format_version: '1.2',
  planned_values: {},
  resource_changes,
});
const NOTHING: Told = { removed: [], added: [], untold: [], notes: [] };
const AGAIN = 'is removed and made again: for a moment it may not be there';

describe('plans that Terraform made', () => {
  test.each<[string, Partial<Told>]>([
    ['delete-used', { removed: ['sgr-https'] }],
    [
      'delete-advised',
      {
        removed: ['sgr-db9', 'sgr-old', 'sgr-telnet'],
        notes: [`sgr-db0, in tcp 5432 from 10.0.0.0/16, ${AGAIN}`],
      },
    ],
    ['narrow-used', { removed: ['sgr-https'], added: ['sg-a in tcp 443 from 10.0.0.0/8'] }],
    ['narrow-unused', { removed: ['sgr-db0', 'sgr-db9'], added: ['sg-b in tcp 5432 from 10.0.0.0/24'] }],
    ['covered-by-addition', { removed: ['sgr-https'], added: ['sg-a in tcp 443 from 203.0.113.0/24'] }],
    ['moved', {}],
    ['replace-same', { notes: [`sgr-https, in tcp 443 from 0.0.0.0/0, ${AGAIN}`] }],
    [
      'to-other-resource',
      {
        notes: [`sgr-https, in tcp 443 from 0.0.0.0/0, ${AGAIN}`],
        untold: [
          'sgr-https, in tcp 443 from 0.0.0.0/0, is removed by aws_vpc_security_group_ingress_rule.https and made by ' +
            'aws_security_group_rule.https, in no order: made first it is refused as a duplicate, and then it is gone. ' +
            'Move the resource instead, or make the new one in a change of its own',
        ],
      },
    ],
    ['inline-used', { removed: ['sgr-ssh'] }],
    // With it goes what no code declares.
    ['group-deleted', { removed: ['sgr-by-hand', 'sgr-ssh', 'sgr-telnet'] }],
    ['exclusive', { removed: ['sgr-https', 'sgr-names-c'] }],
    [
      'forgotten',
      {
        notes: [
          'aws_vpc_security_group_ingress_rule.https is only forgotten: what it declares stays open, and no code tells of it any more',
        ],
      },
    ],
    [
      'not-known-yet',
      {
        removed: ['sgr-https'],
        notes: [
          'aws_vpc_security_group_ingress_rule.https: not all of it is known before the apply; what is not known counts as not there',
        ],
      },
    ],
  ])('%s', (name, expected) => {
    expect(changesOf(fixture(`plans/${name}.json`))).toEqual({ ...NOTHING, ...expected });
  });

  test('group-replaced: the rules come back in a group whose id is not known, if all that carries it follows', () => {
    const { removed, untold, notes } = changesOf(fixture('plans/group-replaced.json'));
    expect(removed).toEqual(['sgr-by-hand', 'sgr-telnet']);
    expect(untold).toEqual(['aws_security_group.c is replaced: whether all that carries sg-c gets the new group']);
    expect(notes).toContain(`sgr-ssh, in tcp 22 from 0.0.0.0/0, ${AGAIN}`);
  });
});

describe('the default group', () => {
  const block = { protocol: '-1', from_port: 0, to_port: 0, cidr_blocks: [], self: true };
  const adopt = (after: object, before: object | null = null): object =>
    planOf(
      resource('aws_default_security_group', [before ? 'update' : 'create'], {
        before,
        after,
        after_unknown: { id: true },
      }),
    );

  test('loses all its rules when it becomes a part of the state, but for those of the code', () => {
    const account = accountOf({
      'sgr-1': 'sg-default in -1 sg-default',
      'sgr-2': 'sg-default out -1 0.0.0.0/0',
      'sgr-3': 'sg-default in tcp 22 10.0.0.0/8',
    });
    const named = { ...account.groups.get('sg-default')!, groupName: 'default' };
    const inventory = { ...account, groups: new Map([['sg-default', named]]) };
    const plan = terraformPlan('plan.json', adopt({ vpc_id: 'vpc-1', ingress: [block], egress: [] }));
    expect(told(planChanges(new Map([['plan.json', plan]]), inventory))).toEqual({
      ...NOTHING,
      removed: ['sgr-2', 'sgr-3'],
    });
  });

  test('of a VPC that the plan does not know cannot be told', () => {
    expect(changesOf(adopt({ ingress: [] })).untold).toEqual([
      'aws_default_security_group.x takes all rules of the default group of a VPC: which group that is',
    ]);
  });

  test('is changed by what changes in the code alone, once it is part of the state', () => {
    const values = (more: object) => ({ id: 'sg-default', vpc_id: 'vpc-1', ingress: [block], egress: [], ...more });
    const change = (more: object) => adopt(values(more), values({}));
    // Somebody opened it since: a plan that did not look (-refresh=false) does not close it.
    expect(changesOf(change({ tags: { a: 'b' } }))).toEqual(NOTHING);
    expect(changesOf(change({ ingress: [] })).removed).toEqual(['sgr-default']);
  });

  test('keeps its rules when it is taken out of the code', () => {
    const before = { id: 'sg-default', vpc_id: 'vpc-1', ingress: [block] };
    const { removed, notes } = changesOf(planOf(resource('aws_default_security_group', ['delete'], { before })));
    expect([removed, notes]).toEqual([[], [expect.stringContaining('cannot be deleted, and keeps its rules')]]);
  });
});

describe('changes written by hand', () => {
  const single = (more: object = {}): object => ({
    id: 'sgr-https',
    security_group_rule_id: 'sgr-https',
    security_group_id: 'sg-a',
    ip_protocol: 'tcp',
    from_port: 443,
    to_port: 443,
    cidr_ipv4: '0.0.0.0/0',
    ...more,
  });
  const INGRESS = 'aws_vpc_security_group_ingress_rule';

  test('what a replacement left behind goes by its id', () => {
    const left = resource(INGRESS, ['delete'], { before: single() }, { deposed: 'abcd1234' });
    const changes = planChanges(new Map([['p', terraformPlan('p', planOf(left))]]), ACCOUNT);
    expect([...changes.removed]).toEqual([['sgr-https', [`${INGRESS}.x (deposed)`]]]);
  });

  test('a rule that was edited since goes by its id, whatever the plan says of it', () => {
    expect(changesOf(planOf(resource(INGRESS, ['delete'], { before: single({ to_port: 444 }) }))).removed).toEqual([
      'sgr-https',
    ]);
  });

  test('one that was edited since is set back by an update that sends it, and not by one of its tags', () => {
    const old = single({ to_port: 444, description: 'a', tags: {}, tags_all: {} });
    const update = (more: object): Told =>
      changesOf(planOf(resource(INGRESS, ['update'], { before: old, after: { ...old, ...more } })));
    expect(update({ tags: { a: 'b' }, tags_all: { a: 'b' } })).toEqual(NOTHING);
    expect(update({ description: 'b' })).toEqual({
      ...NOTHING,
      removed: ['sgr-https'],
      added: ['sg-a in tcp 443-444 from 0.0.0.0/0'],
    });
    const same = single({ description: 'a' });
    const change = { before: same, after: { ...same, description: 'b' } };
    expect(changesOf(planOf(resource(INGRESS, ['update'], change)))).toEqual(NOTHING);
  });

  test('a block whose description changes is revoked and made again, the others of the group are not', () => {
    const block = (port: number, description: string) => ({
      protocol: 'tcp',
      from_port: port,
      to_port: port,
      description,
      cidr_blocks: ['0.0.0.0/0'],
    });
    const values = (description: string) => ({
      id: 'sg-c',
      vpc_id: 'vpc-1',
      ingress: [block(22, description), block(23, 'telnet')],
    });
    const change = { before: values('a'), after: values('b') };
    expect(changesOf(planOf(resource('aws_security_group', ['update'], change)))).toEqual({
      ...NOTHING,
      notes: [`sgr-ssh, in tcp 22 from 0.0.0.0/0, ${AGAIN}`],
    });
  });

  test('a group that a machine has in another attribute afterwards is lost where it was', () => {
    const template = (first: string[], second: string[]) => ({
      vpc_security_group_ids: first,
      network_interfaces: [{ security_groups: second }],
    });
    const change = { before: template(['sg-a'], ['sg-b']), after: template(['sg-b'], ['sg-a']) };
    expect(changesOf(planOf(resource('aws_launch_template', ['update'], change))).untold).toEqual([
      'aws_launch_template.x loses the group sg-a in vpc_security_group_ids, and has it elsewhere: what it needs there',
      'aws_launch_template.x loses the group sg-b in network_interfaces, and has it elsewhere: what it needs there',
    ]);
    const gone = { before: template(['sg-a'], ['sg-a']), after: template([], []) };
    expect(changesOf(planOf(resource('aws_launch_template', ['update'], gone))).untold).toEqual([
      'aws_launch_template.x loses the group sg-a: what it needs of its rules',
    ]);
    const later = { before: template(['sg-a'], ['sg-a']), after: template(['sg-a'], []) };
    const after_unknown = { network_interfaces: true };
    expect(changesOf(planOf(resource('aws_launch_template', ['update'], { ...later, after_unknown }))).untold).toEqual(
      [],
    );
  });

  test('ports that are not known yet are not all ports', () => {
    const after = single({ from_port: null, to_port: null });
    const unknown = { from_port: true, to_port: true };
    const plan = planOf(resource(INGRESS, ['update'], { before: single(), after, after_unknown: unknown }));
    expect(changesOf(plan)).toMatchObject({ removed: ['sgr-https'], added: [] });
  });

  test('nor are they in a block', () => {
    const block = (port: number | null) => ({
      protocol: 'tcp',
      from_port: port,
      to_port: port,
      cidr_blocks: ['0.0.0.0/0'],
    });
    const values = (port: number | null) => ({ id: 'sg-c', vpc_id: 'vpc-1', ingress: [block(port)] });
    const change = { before: values(22), after: values(null), after_unknown: { ingress: [{ from_port: true }] } };
    expect(changesOf(planOf(resource('aws_security_group', ['update'], change)))).toMatchObject({
      removed: ['sgr-ssh'],
      added: [],
    });
  });

  test('a list rule that is no longer told whole counts as not there, element by element', () => {
    const values = (cidr_blocks: (string | null)[]) => ({
      type: 'ingress',
      security_group_id: 'sg-b',
      protocol: 'tcp',
      from_port: 5432,
      to_port: 5432,
      cidr_blocks,
    });
    const before = values(['10.0.0.0/16', '10.9.0.0/16']);
    const after = values(['10.0.0.0/16', null]);
    const plan = planOf(
      resource('aws_security_group_rule', ['delete', 'create'], {
        before,
        after,
        after_unknown: { cidr_blocks: [false, true] },
      }),
    );
    expect(changesOf(plan).removed).toEqual(['sgr-db9']);
  });

  test('a rule that leaves the blocks of its group is made after that, by what depends on the group', () => {
    const block = { protocol: 'tcp', from_port: 22, to_port: 22, cidr_blocks: ['0.0.0.0/0'] };
    const blocks = (ingress: object[]) => ({ id: 'sg-c', vpc_id: 'vpc-1', ingress });
    const after = single({
      id: null,
      security_group_rule_id: null,
      security_group_id: 'sg-c',
      from_port: 22,
      to_port: 22,
    });
    const plan = planOf(
      resource('aws_security_group', ['update'], { before: blocks([block]), after: blocks([]) }),
      resource(INGRESS, ['create'], { after, after_unknown: { id: true, security_group_rule_id: true } }),
    );
    expect(changesOf(plan)).toEqual({ ...NOTHING, notes: [`sgr-ssh, in tcp 22 from 0.0.0.0/0, ${AGAIN}`] });
  });

  test('rules of other groups that name a group go with it where it revokes them first', () => {
    const before = { id: 'sg-c', vpc_id: 'vpc-1', revoke_rules_on_delete: true };
    expect(changesOf(planOf(resource('aws_security_group', ['delete'], { before }))).removed).toContain('sgr-names-c');
    const plain = { ...before, revoke_rules_on_delete: false };
    expect(changesOf(planOf(resource('aws_security_group', ['delete'], { before: plain }))).removed).not.toContain(
      'sgr-names-c',
    );
  });

  test('a rule that names a group which is replaced names the new one', () => {
    const replaced = resource('aws_security_group', ['create', 'delete'], {
      before: { id: 'sg-c', vpc_id: 'vpc-1' },
      after: { vpc_id: 'vpc-1' },
      after_unknown: { id: true },
    });
    const naming = (source: string | null) => ({
      ...single({
        id: 'sgr-names-c',
        security_group_rule_id: 'sgr-names-c',
        from_port: 9000,
        to_port: 9000,
        cidr_ipv4: null,
      }),
      referenced_security_group_id: source,
    });
    const rule = resource(INGRESS, ['update'], {
      before: naming('sg-c'),
      after: naming(null),
      after_unknown: { referenced_security_group_id: true },
    });
    expect(changesOf(planOf(replaced, rule)).removed).not.toContain('sgr-names-c');
    expect(changesOf(planOf(rule)).removed).toContain('sgr-names-c');
  });

  test.each<[string, object, string]>([
    [
      'a part that is put off',
      { ...planOf(), complete: false },
      'Terraform puts off a part of the plan (complete is false)',
    ],
    [
      'an action of a later version',
      planOf(resource(INGRESS, ['evict'], { before: single() })),
      `${INGRESS}.x: what evict does to it`,
    ],
    [
      'entries of a list',
      planOf(resource('aws_ec2_managed_prefix_list_entry', ['delete'], {})),
      'aws_ec2_managed_prefix_list_entry.x: delete: what that changes of what rules admit',
    ],
    [
      'a rule of another provider',
      planOf(resource('awscc_ec2_security_group_ingress', ['delete'], { before: { id: 'sgr-https' } })),
      'awscc_ec2_security_group_ingress.x: delete: what that changes of what rules admit',
    ],
    [
      'a stack, whose template may hold rules',
      planOf(resource('aws_cloudformation_stack', ['update'], { before: {}, after: {} })),
      'aws_cloudformation_stack.x: update: what that changes of what rules admit',
    ],
    [
      'one whose groups stand in a text',
      planOf(
        resource('aws_elastic_beanstalk_environment', ['update'], {
          before: { setting: [{ name: 'SecurityGroups', value: 'sg-a, sg-b' }] },
          after: { setting: [{ name: 'SecurityGroups', value: 'sg-b' }] },
        }),
      ),
      'aws_elastic_beanstalk_environment.x loses the group sg-a: what it needs of its rules',
    ],
    [
      'a group that the inventory does not have',
      planOf(resource('aws_security_group', ['delete'], { before: { id: 'sg-none', vpc_id: 'vpc-1' } })),
      'aws_security_group.x takes rules of sg-none, which the inventory does not have',
    ],
    [
      'the only rules of such a group',
      planOf(
        resource('aws_vpc_security_group_rules_exclusive', ['create'], {
          after: { security_group_id: 'sg-none', ingress_rule_ids: [], egress_rule_ids: [] },
        }),
      ),
      'aws_vpc_security_group_rules_exclusive.x takes rules of sg-none, which the inventory does not have',
    ],
    [
      'the only rules of a group that is looked up at the apply',
      planOf(
        resource('aws_vpc_security_group_rules_exclusive', ['create'], {
          after: { ingress_rule_ids: [], egress_rule_ids: [] },
          after_unknown: { security_group_id: true },
        }),
      ),
      'aws_vpc_security_group_rules_exclusive.x takes rules of a group: which one that is',
    ],
    [
      'a rule whose source is left out as sensitive',
      planOf(
        resource('aws_security_group_rule', ['delete'], {
          before: { type: 'ingress', security_group_id: 'sg-b', protocol: 'tcp', from_port: 5432, to_port: 5432 },
        }),
      ),
      'aws_security_group_rule.x: what it declares now cannot be read',
    ],
    [
      'a machine that loses a group',
      planOf(
        resource('aws_instance', ['update'], {
          before: { network: [{ groups: ['sg-a', 'sg-b'] }] },
          after: { network: [{ groups: ['sg-b'] }] },
        }),
      ),
      'aws_instance.x loses the group sg-a: what it needs of its rules',
    ],
    [
      'a rule that the inventory does not have',
      planOf(
        resource(INGRESS, ['delete'], {
          before: single({ id: 'sgr-none', security_group_rule_id: 'sgr-none', cidr_ipv4: '10.0.0.0/8' }),
        }),
      ),
      `${INGRESS}.x removes sgr-none, in tcp 443 from 10.0.0.0/8 of sg-a, which the inventory does not have`,
    ],
  ])('cannot be told: %s', (_, plan, line) => {
    expect(changesOf(plan).untold).toEqual([line]);
  });

  test('a list that keeps its entries takes nothing, one that loses one may', () => {
    const entries = (...cidrs: string[]) => ({ id: 'pl-1', entry: cidrs.map((cidr) => ({ cidr, description: '' })) });
    const list = (before: object, after: object) =>
      changesOf(planOf(resource('aws_ec2_managed_prefix_list', ['update'], { before, after }))).untold;
    expect(list(entries('10.0.0.0/8'), entries('10.1.0.0/16', '10.0.0.0/8'))).toEqual([]);
    for (const after of [entries('10.1.0.0/16'), { id: 'pl-1' }]) {
      expect(list(entries('10.0.0.0/8'), after)).toEqual([
        expect.stringContaining('what that changes of what rules admit'),
      ]);
    }
  });

  test('the only rules of a group that is made as well take nothing', () => {
    const group = resource('aws_security_group', ['create'], {
      after: { vpc_id: 'vpc-1' },
      after_unknown: { id: true },
    });
    const rules = resource('aws_vpc_security_group_rules_exclusive', ['create'], {
      after: { ingress_rule_ids: [], egress_rule_ids: [] },
      after_unknown: { security_group_id: true },
    });
    expect(changesOf(planOf(group, rules))).toEqual(NOTHING);
  });

  test('data, reads and other resources are passed over', () => {
    const data = resource(INGRESS, ['delete'], { before: single() }, { mode: 'data' });
    const machine = resource('aws_instance', ['delete'], { before: { groups: ['sg-a'] } });
    const entry = resource('aws_ec2_managed_prefix_list_entry', ['create'], { after: { cidr: '10.0.0.0/8' } });
    expect(changesOf(planOf(data, machine, entry))).toEqual(NOTHING);
  });
});
