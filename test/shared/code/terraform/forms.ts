import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { terraformState, type TerraformState } from '../../../../shared/code/terraform/state.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { fixture } from '../../../terraform/terraform-files.ts';
import { awsRule, inventoryOf } from '../../inventory/aws-shorthand.ts';

/** By id, what `test/terraform/forms` declares, as AWS would describe it: group and shorthand. */
export const FORMS: Readonly<Record<string, string>> = {
  'sgr-single': 'sg-apart in tcp 443 0.0.0.0/0',
  'sgr-all': 'sg-apart out -1 ::/0',
  'sgr-list': 'sg-apart in udp 53 pl-1',
  'sgr-other': 'sg-apart in icmp 8 sg-far@222222222222',
  'sgr-each-10-0-1-0-24': 'sg-apart in tcp 8080 10.0.1.0/24',
  'sgr-each-10-0-2-0-24': 'sg-apart in tcp 8080 10.0.2.0/24',
  'sgr-one': 'sg-apart in tcp 22 10.0.0.0/8',
  'sgr-many-1': 'sg-apart in tcp 1024-2047 10.1.0.0/16',
  'sgr-many-2': 'sg-apart in tcp 1024-2047 10.2.0.0/16',
  'sgr-many-6': 'sg-apart in tcp 1024-2047 2001:db8::/32',
  'sgr-many-list': 'sg-apart in tcp 1024-2047 pl-2',
  'sgr-source': 'sg-apart out -1 sg-inline',
  'sgr-self-0': 'sg-apart in tcp 7000 sg-apart',
  'sgr-self-1': 'sg-apart in tcp 7001 sg-apart',
  'sgr-inline-3': 'sg-inline in tcp 5432 10.3.0.0/16',
  'sgr-inline-4': 'sg-inline in tcp 5432 10.4.0.0/16',
  'sgr-inline-apart': 'sg-inline in tcp 5432 sg-apart',
  'sgr-inline-far': 'sg-inline in tcp 5432 sg-far@222222222222',
  'sgr-inline-self': 'sg-inline in tcp 5432 sg-inline',
  'sgr-inline-ping': 'sg-inline in icmp -1 10.0.0.0/8',
  'sgr-inline-out4': 'sg-inline out -1 0.0.0.0/0',
  'sgr-inline-out6': 'sg-inline out -1 ::/0',
  'sgr-default': 'sg-default in -1 sg-default',
  'sgr-web3-80': 'sg-web-3 in tcp 80 10.5.0.0/16',
  'sgr-web3-443': 'sg-web-3 in tcp 443 10.5.0.0/16',
  'sgr-web8-80': 'sg-web-8 in tcp 80 10.6.0.0/16',
  'sgr-web8-443': 'sg-web-8 in tcp 443 10.6.0.0/16',
  'sgr-sole-7': 'sg-apart in udp 514 10.7.0.0/16',
  'sgr-sole-8': 'sg-apart in udp 514 10.8.0.0/16',
};

/** Rules by id, each as group and shorthand. */
export function accountOf(rules: Readonly<Record<string, string>>): Inventory {
  const raw = Object.entries(rules).map(([SecurityGroupRuleId, text]) => {
    const [GroupId, ...rule] = text.split(' ');
    return awsRule(rule.join(' '), { SecurityGroupRuleId, GroupId });
  });
  const groups = [...new Set(raw.map(({ GroupId }) => String(GroupId)))];
  return inventoryOf({
    rules: raw,
    groups: groups.map((GroupId) => ({ GroupId, GroupName: GroupId.slice(3), VpcId: 'vpc-1' })),
  });
}

export function ruleIn({ rules }: Inventory, ruleId: string): Rule {
  const found = rules.find((rule) => rule.ruleId === ruleId);
  if (!found) throw new Error(`no rule ${ruleId}`);
  return found;
}

export function formsState(): TerraformState {
  return terraformState('forms.json', fixture('forms.json'));
}

/** By path, the code of the account. */
export function formsCode(): Map<string, string> {
  const root = join(import.meta.dirname, '../../../terraform/forms');
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tf'));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** One resource of a state as `terraform show -json` prints it. */
export function resourceJson(type: string, name: string, values: object, more: object = {}): object {
  return { address: `${type}.${name}`, mode: 'managed', type, name, values, ...more };
}

export function stateOfResources(...resources: readonly object[]): TerraformState {
  return terraformState('state.json', { format_version: '1.0', values: { root_module: { resources } } });
}
