import type { ProposedRule } from '../../advice/narrowing/narrower.ts';
import { peerName, type Names } from '../../inventory/peer-name.ts';
import type { Rule } from '../../inventory/inventory.ts';
import { compareText } from '../../text/compare.ts';
import { ruleText } from '../../text/rule-text.ts';
import { shown } from '../../text/plain.ts';
import type { CodeChange, PullRequest, TerraformChanges, UnmappedRule } from './changes.ts';
import { withoutKeys, type TerraformCode } from './code.ts';
import type { DeclaredRule } from './declared-rules.ts';
import { instruction } from './instruction.ts';
import { RuleOwners, type Owner, type Ownership } from './rule-owners.ts';
import type { TerraformState } from './state.ts';

/** A rule of the inventory that is to go, or to be narrowed. */
export interface ChangedRule {
  readonly rule: Rule;
  /** The rules that take its place; without them it is removed. */
  readonly narrower?: readonly ProposedRule[];
}

const UNDO = 'revert the commit, plan and apply';

/**
 * What to change in code so that the rules go, or get narrower: by resource, put together into pull requests, one for each
 * state and call of a module.
 *
 * It never says `removed { lifecycle { destroy = false } }` or `terraform state rm`: these make Terraform forget the rule,
 * which stays open, and no code tells of it any more.
 * https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
 *
 * @param names of groups and lists, for people
 * @param code what is at hand of it
 */
export function terraformChanges(
  rules: readonly ChangedRule[],
  states: readonly TerraformState[],
  names: Names,
  code?: TerraformCode,
): TerraformChanges {
  const owners = new RuleOwners(states);
  const roots = new Map(states.map((state) => [state, code?.rootsOf(state) ?? []]));
  const changed = rules.map((one) => ({ one, found: owners.of(one.rule) }));
  const going = new Set(
    changed.flatMap(({ one, found }) => (one.narrower ? [] : found.map(({ declared }) => declared))),
  );
  const context: Context = { owners, going, wholly: new Map(), roots, code, names };
  const unmapped: UnmappedRule[] = [];
  const groups = new Map<string, { state: string; module: string; changes: CodeChange[] }>();
  for (const { one, found } of changed) {
    const changes = found.map((ownership) => ({ ownership, change: changeOf(one, ownership, found, context) }));
    const written = changes.flatMap(({ ownership, change }) => (change ? [{ ownership, change }] : []));
    if (written.length === 0) unmapped.push({ ...told(one.rule, names), reason: reasonOf(one.rule, found, owners) });
    for (const { ownership, change } of written) {
      const [state, module] = [ownership.owner.state.name, withoutKeys(change.module)];
      const key = JSON.stringify([state, module]);
      const group = groups.get(key) ?? { state, module, changes: [] };
      groups.set(key, group);
      group.changes.push(change);
    }
  }
  const pullRequests = [...groups.values()].map(({ state, module, changes }): PullRequest => {
    changes.sort((a, b) => compareText(a.address, b.address) || compareText(a.ruleId, b.ruleId));
    return { state, module, undo: UNDO, changes };
  });
  pullRequests.sort((a, b) => compareText(a.state, b.state) || compareText(a.module, b.module));
  return { schemaVersion: 1, pullRequests, unmapped, problems: code ? rootProblems(roots) : [] };
}

interface Context {
  readonly owners: RuleOwners;
  /** What is declared of rules that are removed. */
  readonly going: ReadonlySet<DeclaredRule>;
  /** Of instances that were asked of, whether all that they declare is removed. */
  readonly wholly: Map<readonly Owner[], boolean>;
  readonly roots: ReadonlyMap<TerraformState, readonly string[]>;
  readonly code: TerraformCode | undefined;
  readonly names: Names;
}

/** Undefined where the code shows that the state is but an echo: the group has no blocks. */
function changeOf(
  { rule, narrower }: ChangedRule,
  { owner, declared, isOld }: Ownership,
  all: readonly Ownership[],
  context: Context,
): CodeChange | undefined {
  const { state, resource } = owner;
  const { block, element } = declared.place;
  const [root, ...otherRoots] = context.roots.get(state) ?? [];
  const written = root === undefined || otherRoots.length > 0 ? undefined : context.code?.find(root, resource);
  const inside = written && 'inside' in written ? written.inside : undefined;
  if (block && inside && !inside.has(block.direction)) return undefined;
  // Which of several blocks it is cannot be told: their order in a state is not that of the code.
  const [line, ...otherLines] = (block && inside?.get(block.direction)) ?? [];
  const code =
    written && 'block' in written
      ? { ...written.block, ...(line !== undefined && otherLines.length === 0 && { line }) }
      : null;
  const isSoleCall = written && 'isSoleCall' in written ? written.isSoleCall : false;
  const action = narrower ? 'narrow' : actionOf(owner, declared, context);
  const narrowTo = (narrower ?? []).map(({ protocol, ports, peer }) => {
    return { protocol, fromPort: ports?.from ?? null, toPort: ports?.to ?? null, peer };
  });
  const change = {
    ...told(rule, context.names),
    address: resource.address,
    module: resource.module,
    type: resource.values.type,
    index: resource.index ?? null,
    block: block?.direction ?? null,
    list: element?.list ?? null,
    element: element?.value ?? null,
    action,
    narrowTo,
    code,
    call: written?.call ?? null,
  } as const;
  const others = all.map(({ owner: other }) => other).filter((other) => other !== owner);
  const notes = [
    ...[...new Set(others)].map(
      ({ state: { name }, resource: { address } }) => `${address} of ${name} declares the same rule: change both`,
    ),
    ...(isOld
      ? ['the state has the rule with another id or content: apply or refresh before you change the code']
      : []),
    ...(block && !inside && resource.values.type === 'aws_security_group'
      ? [
          `a group without blocks shows all its rules in its state: look whether the code has this ${block.direction} block`,
        ]
      : []),
    ...sharedNotes(owner, declared, action, context),
    ...context.owners.listedBy(rule.ruleId).map((address) => `${address} lists its id: take it out there as well`),
  ];
  const subject = { ...change, rule, narrower: narrower ?? [], isSoleCall };
  return { ...change, instruction: instruction(subject), notes };
}

/** Whether all that the resource, or the block, declares is going. */
function actionOf(
  { resource, declared: all }: Owner,
  declared: DeclaredRule,
  { going }: Context,
): CodeChange['action'] {
  const { block } = declared.place;
  if (block) {
    const same = all.filter(
      ({ place }) => place.block?.number === block.number && place.block.direction === block.direction,
    );
    return same.every((one) => going.has(one)) ? 'deleteBlock' : 'deleteElement';
  }
  if (!all.every((one) => going.has(one))) return 'deleteElement';
  return resource.index === undefined ? 'deleteResource' : 'deleteInstance';
}

/** What happens to others that the same code, or the same resource, stands for. */
function sharedNotes(
  owner: Owner,
  { place }: DeclaredRule,
  action: CodeChange['action'],
  { owners, going, wholly }: Context,
): string[] {
  const { resource, declared: all } = owner;
  const { values, index } = resource;
  const instances = owners.instancesOf(owner);
  let isAll = wholly.get(instances);
  if (isAll === undefined) {
    isAll = instances.every(({ declared }) => declared.every((one) => going.has(one)));
    wholly.set(instances, isAll);
  }
  const notes: string[] = [];
  if (instances.length > 1) {
    if (action === 'deleteInstance' && isAll) {
      notes.push(`all ${instances.length} instances of the resource go: its block can be deleted, and what feeds it`);
    } else if (action === 'deleteInstance' && typeof index === 'number') {
      notes.push('counted: those after it move up, and Terraform makes them again, one after the other');
    } else if (action !== 'deleteInstance') {
      notes.push(`the same code makes ${instances.length} instances: what is changed there, is changed in all of them`);
    }
  }
  if (place.block && action === 'deleteBlock' && isLastBlock(all, place.block.direction, going)) {
    const { direction } = place.block;
    notes.push(
      `no ${direction} block is left: write ${direction} = [] in their place, or the provider keeps the rules as they are`,
    );
  }
  if (values.type === 'aws_security_group_rule' && place.element && action !== 'deleteResource' && all.length > 1) {
    if (action !== 'deleteInstance') {
      notes.push('Terraform replaces the resource: for a moment nothing admits what its other elements admit');
    }
  }
  if (
    action === 'narrow' &&
    values.type !== 'aws_vpc_security_group_ingress_rule' &&
    !values.type.endsWith('egress_rule')
  ) {
    notes.push('the provider revokes the old rule before it makes the new ones: for a moment none admits');
  }
  return notes;
}

/** https://developer.hashicorp.com/terraform/language/attr-as-blocks */
function isLastBlock(all: Owner['declared'], direction: string, going: ReadonlySet<DeclaredRule>): boolean {
  return all.every((one) => one.place.block?.direction !== direction || going.has(one));
}

function told(rule: Rule, names: Names): Pick<CodeChange, 'ruleId' | 'groupId' | 'groupName' | 'admits'> {
  const { ruleId, groupId, groupName } = rule;
  return { ruleId, groupId, groupName, admits: ruleText(rule, { peerName: peerName(rule.peer, names) }) };
}

function reasonOf({ groupId }: Rule, found: readonly Ownership[], owners: RuleOwners): string {
  if (found.length > 0) return 'the code of its group has no such blocks: the state only shows what somebody else made';
  return owners.hasGroup(groupId)
    ? 'its group is in a state, and no resource there declares the rule: somebody else made it'
    : 'no state has the rule or its group';
}

function rootProblems(roots: Context['roots']): string[] {
  return [...roots].flatMap(([{ name, resources }, found]) => {
    if (resources.length === 0 || found.length === 1) return [];
    if (found.length === 0) return [`${name}: none of its resources is in the code`];
    const folders = found.map((folder) => (folder === '' ? '.' : shown(folder))).join(', ');
    return [`${name}: its resources are in several folders alike (${folders}): no places are told`];
  });
}
