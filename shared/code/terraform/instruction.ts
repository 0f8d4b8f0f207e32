import type { ProposedRule } from '../../advice/narrowing/narrower.ts';
import type { Rule } from '../../inventory/inventory.ts';
import { portText, serviceText } from '../../text/rule-text.ts';
import type { CodeChange } from './changes.ts';

interface Subject extends Pick<CodeChange, 'module' | 'index' | 'block' | 'list' | 'element' | 'action'> {
  readonly rule: Rule;
  readonly narrower: readonly ProposedRule[];
  /** Whether the call of its module is the only one, so that the module's own code may change. */
  readonly isSoleCall: boolean;
}

/** What to do, in a sentence. Holds text of others. */
export function instruction(subject: Subject): string {
  return `${deed(subject)}${where(subject)}`;
}

function deed(subject: Subject): string {
  const { action, block, list, element, index } = subject;
  const holder = block === null ? 'the resource' : `the ${block} block`;
  switch (action) {
    case 'deleteResource':
      return 'delete the resource block';
    case 'deleteInstance':
      return typeof index === 'number'
        ? `take number ${index} out of what count is made from`
        : `take the key ${JSON.stringify(index)} out of what for_each is given`;
    case 'deleteBlock':
      return `delete the ${block!} block`;
    case 'deleteElement':
      return list === 'self' || list === 'source_security_group_id'
        ? `delete ${list} of ${holder}`
        : `delete the element ${element ?? ''} of ${list ?? ''}${block === null ? '' : ` of ${holder}`}`;
    case 'narrow':
      return narrowing(subject);
  }
}

function narrowing({ rule, narrower, list, element, block }: Subject): string {
  const of = block === null ? '' : ` of the ${block} block`;
  const isSameService = narrower.every((one) => serviceText(proposedService(one)) === serviceText(rule));
  if (isSameService && list !== null && element !== null && list !== 'self') {
    return `narrow ${list}${of}: ${element} → ${narrower.map(({ peer }) => peer.value).join(', ')}`;
  }
  const [first, ...others] = narrower;
  if (first && others.length === 0 && first.peer.value === rule.peer.value && rule.ports && first.ports) {
    const [old, now] = [rule.ports, first.ports].map(({ from, to }) => portText(from, to));
    if (first.protocol === rule.protocol) return `narrow from_port and to_port${of}: ${old!} → ${now!}`;
  }
  const old = `${serviceText(rule)} ${rule.peer.value}`;
  const now = narrower.map((one) => `${serviceText(proposedService(one))} ${one.peer.value}`).join('; ');
  return `narrow${of}: ${old} → ${now}`;
}

function proposedService({ protocol, ports }: ProposedRule) {
  return { protocol, ports, icmp: undefined };
}

/** A module's code serves all its calls; what one of them is to have is said by what it passes. */
function where({ module, isSoleCall }: Subject): string {
  if (module === '') return '';
  return isSoleCall ? `, in the module of ${module}` : `, by what the caller of ${module} passes to it`;
}
