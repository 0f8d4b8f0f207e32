import { describe, expect, test } from '@jest/globals';
import type { ProposedRule } from '../../../../shared/advice/narrowing/narrower.ts';
import { changesText } from '../../../../shared/code/terraform/changes-text.ts';
import { terraformJson, type CodeChange, type TerraformChanges } from '../../../../shared/code/terraform/changes.ts';
import { TerraformCode } from '../../../../shared/code/terraform/code.ts';
import type { TerraformState } from '../../../../shared/code/terraform/state.ts';
import { terraformChanges, type ChangedRule } from '../../../../shared/code/terraform/terraform-changes.ts';
import { accountOf, FORMS, formsCode, formsState, resourceJson, ruleIn, stateOfResources } from './forms.ts';

const FORMS_ACCOUNT = accountOf(FORMS);
const CODE = new TerraformCode(formsCode());

function changesOf(
  ruleIds: readonly string[],
  states: readonly TerraformState[] = [formsState()],
  inventory = FORMS_ACCOUNT,
  code?: TerraformCode,
): TerraformChanges {
  const rules = ruleIds.map((id) => ({ rule: ruleIn(inventory, id) }));
  return terraformJson.parse(terraformChanges(rules, states, inventory, code));
}

function all({ pullRequests }: TerraformChanges): readonly CodeChange[] {
  return pullRequests.flatMap(({ changes }) => changes);
}

/** Address and instruction of each. */
function told(changes: TerraformChanges): [string, string][] {
  return all(changes).map(({ address, instruction }) => [address, instruction]);
}

test('every form that Terraform has of a rule is found: all of them, each once', () => {
  const changes = changesOf(Object.keys(FORMS), [formsState()], FORMS_ACCOUNT, CODE);
  expect(changes.unmapped).toEqual([]);
  expect(changes.problems).toEqual([]);
  expect(
    all(changes)
      .map(({ ruleId }) => ruleId)
      .sort(),
  ).toEqual(Object.keys(FORMS).sort());
  for (const { code, call, module } of all(changes))
    expect([code, call === null]).toEqual([expect.anything(), module === '']);
});

test.each<[string, string, string, string]>([
  ['sgr-single', 'aws_vpc_security_group_ingress_rule.single', 'delete the resource block', 'main.tf:12'],
  [
    'sgr-each-10-0-1-0-24',
    'aws_vpc_security_group_ingress_rule.each["10.0.1.0/24"]',
    'take the key "10.0.1.0/24" out of what for_each is given',
    'main.tf:46',
  ],
  ['sgr-one', 'aws_security_group_rule.one', 'delete the resource block', 'main.tf:56'],
  ['sgr-many-2', 'aws_security_group_rule.many', 'delete the element 10.2.0.0/16 of cidr_blocks', 'main.tf:66'],
  ['sgr-many-6', 'aws_security_group_rule.many', 'delete the element 2001:DB8::/32 of ipv6_cidr_blocks', 'main.tf:66'],
  ['sgr-many-list', 'aws_security_group_rule.many', 'delete the element pl-2 of prefix_list_ids', 'main.tf:66'],
  ['sgr-source', 'aws_security_group_rule.source', 'delete the resource block', 'main.tf:77'],
  ['sgr-self-1', 'aws_security_group_rule.self[1]', 'take number 1 out of what count is made from', 'main.tf:87'],
  [
    'sgr-inline-far',
    'aws_security_group.inline',
    'delete the element 222222222222/sg-far of security_groups of the ingress block',
    'main.tf:98',
  ],
  ['sgr-inline-self', 'aws_security_group.inline', 'delete self of the ingress block', 'main.tf:98'],
  ['sgr-inline-ping', 'aws_security_group.inline', 'delete the ingress block', 'main.tf:98'],
  ['sgr-default', 'aws_default_security_group.default', 'delete the ingress block', 'main.tf:131'],
  [
    'sgr-web3-80',
    'module.web["a.b"].aws_security_group.this',
    'delete the ingress block, by what the caller of module.web["a.b"] passes to it',
    'modules/web/main.tf:8',
  ],
  [
    'sgr-sole-7',
    'module.sole.aws_security_group_rule.this',
    'delete the element 10.7.0.0/16 of cidr_blocks, in the module of module.sole',
    'modules/web/rules/main.tf:5',
  ],
])('%s alone: %s, %s', (ruleId, address, instruction, place) => {
  const changes = changesOf([ruleId], [formsState()], FORMS_ACCOUNT, CODE);
  expect(told(changes)).toEqual([[address, instruction]]);
  const [{ code }] = all(changes) as [CodeChange];
  expect(`${code!.file}:${code!.line}`).toBe(place);
});

describe('what one change does to others', () => {
  const notesOf = (ruleIds: readonly string[], ruleId = ruleIds[0]!): readonly string[] =>
    all(changesOf(ruleIds, [formsState()], FORMS_ACCOUNT, CODE)).find((one) => one.ruleId === ruleId)!.notes;

  test.each<[string, string[], string[]]>([
    [
      'the other elements of a rule resource are made again',
      ['sgr-many-1'],
      ['Terraform replaces the resource: for a moment nothing admits what its other elements admit'],
    ],
    ['all elements together are the resource', ['sgr-many-1', 'sgr-many-2', 'sgr-many-6', 'sgr-many-list'], []],
    [
      'counted instances move up',
      ['sgr-self-0'],
      ['counted: those after it move up, and Terraform makes them again, one after the other'],
    ],
    [
      'all instances together are the block',
      ['sgr-self-0', 'sgr-self-1'],
      ['all 2 instances of the resource go: its block can be deleted, and what feeds it'],
    ],
    [
      'a block of a module is that of all its instances',
      ['sgr-web3-80'],
      ['the same code makes 2 instances: what is changed there, is changed in all of them'],
    ],
    [
      'the last block must be said to be none',
      ['sgr-default'],
      ['no ingress block is left: write ingress = [] in their place, or the provider keeps the rules as they are'],
    ],
  ])('%s', (_, ruleIds, notes) => {
    expect(notesOf(ruleIds)).toEqual(notes);
  });

  test('each state and call of a module is a pull request of its own, instances of a call together', () => {
    const changes = changesOf(Object.keys(FORMS), [formsState()]);
    expect(changes.pullRequests.map(({ state, module, changes: { length } }) => [state, module, length])).toEqual([
      ['forms.json', '', 23],
      ['forms.json', 'module.sole', 2],
      ['forms.json', 'module.web', 4],
    ]);
    expect(changes.pullRequests.every(({ undo }) => undo === 'revert the commit, plan and apply')).toBe(true);
  });
});

describe('narrower rules', () => {
  const to = (protocol: string, ports: string, ...cidrs: string[]): ProposedRule[] =>
    cidrs.map((value) => {
      const [from, last = from] = ports.split('-').map(Number);
      return { protocol, ports: { from: from!, to: last! }, peer: { type: 'cidrIpv4', value } };
    });

  test.each<[string, ProposedRule[], string]>([
    [
      'sgr-many-1',
      to('tcp', '1024-2047', '10.1.1.0/24', '10.1.2.0/24'),
      'narrow cidr_blocks: 10.1.0.0/16 → 10.1.1.0/24, 10.1.2.0/24',
    ],
    ['sgr-one', to('tcp', '22', '10.0.0.0/16'), 'narrow cidr_blocks: 10.0.0.0/8 → 10.0.0.0/16'],
    ['sgr-single', to('tcp', '443', '10.0.0.0/16'), 'narrow: tcp 443 0.0.0.0/0 → tcp 443 10.0.0.0/16'],
    ['sgr-many-2', to('tcp', '1024-1030', '10.2.0.0/16'), 'narrow from_port and to_port: 1024-2047 → 1024-1030'],
    [
      'sgr-inline-3',
      to('tcp', '5432', '10.3.1.0/24'),
      'narrow cidr_blocks of the ingress block: 10.3.0.0/16 → 10.3.1.0/24',
    ],
    [
      'sgr-inline-out4',
      [...to('tcp', '443', '10.0.0.0/8'), ...to('udp', '53', '10.0.0.2/32')],
      'narrow of the egress block: all 0.0.0.0/0 → tcp 443 10.0.0.0/8; udp 53 10.0.0.2/32',
    ],
  ])('%s', (ruleId, narrower, instruction) => {
    const rules: ChangedRule[] = [{ rule: ruleIn(FORMS_ACCOUNT, ruleId), narrower }];
    const changes = terraformJson.parse(terraformChanges(rules, [formsState()], FORMS_ACCOUNT));
    expect(told(changes).map(([, what]) => what)).toEqual([instruction]);
    expect(all(changes)[0]).toMatchObject({ action: 'narrow', narrowTo: narrower.map(({ peer }) => ({ peer })) });
  });

  test('an element beside one that is narrowed is no reason to delete the resource', () => {
    const [first, ...others] = ['sgr-many-1', 'sgr-many-2', 'sgr-many-6', 'sgr-many-list'].map((id) => ({
      rule: ruleIn(FORMS_ACCOUNT, id),
    }));
    const narrower = to('tcp', '1024-2047', '10.1.1.0/24');
    const changes = terraformChanges([{ ...first!, narrower }, ...others], [formsState()], FORMS_ACCOUNT);
    expect(all(changes).map(({ action }) => action)).toEqual([
      'narrow',
      'deleteElement',
      'deleteElement',
      'deleteElement',
    ]);
  });
});

describe('whose rule it is', () => {
  const account = accountOf({ 'sgr-a': 'sg-1 in tcp 443 0.0.0.0/0', 'sgr-b': 'sg-1 in tcp 80 0.0.0.0/0' });
  const block = (port: number, ...cidr_blocks: string[]) => ({
    protocol: 'tcp',
    from_port: port,
    to_port: port,
    cidr_blocks,
  });
  const group = (...ingress: object[]) =>
    resourceJson('aws_security_group', 'web', { id: 'sg-1', vpc_id: 'vpc-1', ingress, egress: [] });
  const apart = (name: string, id: string | null, port = 443) =>
    resourceJson('aws_vpc_security_group_ingress_rule', name, {
      id,
      security_group_rule_id: id,
      security_group_id: 'sg-1',
      ip_protocol: 'tcp',
      from_port: port,
      to_port: port,
      cidr_ipv4: '0.0.0.0/0',
    });

  test('a group without blocks shows what others declare: that is no declaration', () => {
    const state = stateOfResources(group(block(443, '0.0.0.0/0'), block(80, '0.0.0.0/0')), apart('https', 'sgr-a'));
    const changes = changesOf(['sgr-a', 'sgr-b'], [state], account);
    expect(told(changes)).toEqual([['aws_vpc_security_group_ingress_rule.https', 'delete the resource block']]);
    expect(changes.unmapped).toMatchObject([
      { ruleId: 'sgr-b', reason: expect.stringContaining('somebody else made it') },
    ]);
  });

  test('nor is it where the code has no such block; without code it is said that one should look', () => {
    const state = stateOfResources(group(block(443, '0.0.0.0/0')));
    const code = (body: string) =>
      new TerraformCode(new Map([['main.tf', `resource "aws_security_group" "web" {\n${body}\n}\n`]]));
    expect(changesOf(['sgr-a'], [state], account, code('egress {}')).unmapped).toMatchObject([
      { reason: expect.stringContaining('the code of its group has no such blocks') },
    ]);
    for (const body of ['ingress {}', 'ingress = []', 'dynamic "ingress" {\n}']) {
      expect(all(changesOf(['sgr-a'], [state], account, code(body)))).toMatchObject([
        { code: { file: 'main.tf', line: 2 }, notes: [expect.stringContaining('write ingress = []')] },
      ]);
    }
    expect(all(changesOf(['sgr-a'], [state], account))[0]!.notes[0]).toContain(
      'look whether the code has this ingress block',
    );
  });

  test('one that two resources declare is said to be in both', () => {
    const list = resourceJson('aws_security_group_rule', 'old', {
      type: 'ingress',
      security_group_id: 'sg-1',
      ...block(443, '0.0.0.0/0'),
    });
    const notes = all(changesOf(['sgr-a'], [stateOfResources(apart('https', 'sgr-a'), list)], account)).map(
      ({ address, notes: [note] }) => [address, note],
    );
    expect(notes).toEqual([
      [
        'aws_security_group_rule.old',
        'aws_vpc_security_group_ingress_rule.https of state.json declares the same rule: change both',
      ],
      [
        'aws_vpc_security_group_ingress_rule.https',
        'aws_security_group_rule.old of state.json declares the same rule: change both',
      ],
    ]);
  });

  test.each([
    ['its id under another content', apart('https', 'sgr-a', 444)],
    ['its content under another id', apart('https', 'sgr-gone')],
  ])('%s is still it, and the state is said to be old', (_, resource) => {
    const [change] = all(changesOf(['sgr-a'], [stateOfResources(resource)], account));
    expect(change!.notes).toEqual([expect.stringContaining('apply or refresh')]);
  });

  test('by its content alone: a list of several tells no id of them, and `all` is -1', () => {
    const inventory = accountOf({ 'sgr-1': 'sg-1 out -1 10.0.0.0/8', 'sgr-2': 'sg-1 out -1 11.0.0.0/8' });
    const list = resourceJson('aws_security_group_rule', 'out', {
      type: 'egress',
      security_group_id: 'sg-1',
      security_group_rule_id: 'sgr-1',
      protocol: 'all',
      from_port: 0,
      to_port: 65_535,
      cidr_blocks: ['10.0.0.0/8', '11.0.0.0/8'],
    });
    const found = all(changesOf(['sgr-1'], [stateOfResources(list)], inventory));
    expect(found.map(({ element, notes }) => [element, notes.length])).toEqual([['10.0.0.0/8', 1]]);
    expect(all(changesOf(['sgr-2'], [stateOfResources(list)], inventory))).toMatchObject([{ element: '11.0.0.0/8' }]);
  });

  test('the blocks of a default group are its own, whatever stands beside them', () => {
    const values = { id: 'sg-1', vpc_id: 'vpc-1', ingress: [block(80, '0.0.0.0/0')], egress: [] };
    const state = stateOfResources(resourceJson('aws_default_security_group', 'it', values), apart('https', 'sgr-a'));
    expect(told(changesOf(['sgr-b'], [state], account))).toEqual([
      ['aws_default_security_group.it', 'delete the ingress block'],
    ]);
  });

  test('a list of the only rules there may be must lose it too', () => {
    const only = resourceJson('aws_vpc_security_group_rules_exclusive', 'all', {
      security_group_id: 'sg-1',
      ingress_rule_ids: ['sgr-a'],
      egress_rule_ids: [],
    });
    const [change] = all(changesOf(['sgr-a'], [stateOfResources(apart('https', 'sgr-a'), only)], account));
    expect(change!.notes).toEqual([
      'aws_vpc_security_group_rules_exclusive.all lists its id: take it out there as well',
    ]);
  });

  test('no state has it', () => {
    expect(changesOf(['sgr-a'], [formsState()], account).unmapped).toMatchObject([
      { ruleId: 'sgr-a', reason: 'no state has the rule or its group' },
    ]);
  });
});

describe('the page for a reviewer', () => {
  test('names of others can do nothing in it', () => {
    const evil = 'x | <img src=x onerror=alert(1)> ``` [a](javascript:1)\n# head\u202e\u001b[31m';
    const resource = resourceJson(
      'aws_vpc_security_group_ingress_rule',
      'https',
      { id: 'sgr-a', security_group_rule_id: 'sgr-a', security_group_id: 'sg-1', ip_protocol: 'tcp' },
      { address: `module.${evil}.aws_vpc_security_group_ingress_rule.https["${evil}"]`, index: evil },
    );
    const account = accountOf({ 'sgr-a': 'sg-1 in tcp 443 0.0.0.0/0' });
    const group = { ...account.groups.get('sg-1')!, groupName: evil };
    const rule = { ...ruleIn(account, 'sgr-a'), groupName: evil };
    const names = { groups: new Map([['sg-1', group]]), prefixLists: new Map() };
    const text = changesText(terraformChanges([{ rule }], [stateOfResources(resource)], names));
    expect(text).not.toMatch(/[\u202e\u001b]/);
    expect(text).not.toMatch(/^# head/m);
    const row = text.split('\n').find((line) => line.startsWith('| `sgr-a'))!;
    // Seven cells, whatever the names hold; all of it in code.
    expect(row.replaceAll('\\|', '').split('|')).toHaveLength(9);
    expect(row.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '')).not.toContain('<');
  });

  test('never tells to forget a rule, and says why', () => {
    const text = changesText(changesOf(Object.keys(FORMS)));
    expect(text).toMatch(/Never take a rule out with `removed \{/);
    expect(text).toMatch(/The rule stays open/);
    expect(text.match(/destroy/g)).toHaveLength(1);
  });

  test('of blocks in a group it tells what an apply touches', () => {
    const says = /provider compares single elements: it first revokes/;
    expect(changesText(changesOf(['sgr-inline-3']))).toMatch(says);
    expect(changesText(changesOf(['sgr-single']))).not.toMatch(says);
  });
});
