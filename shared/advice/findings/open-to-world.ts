import { parsePrefix, type Prefix } from '../../addresses/address.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Finding } from './finding.ts';
import { holds, isCoveredBy } from '../../addresses/prefixes.ts';
import { reachesOf } from '../exposure/reach.ts';
import { sensitiveText } from '../exposure/sensitive-services.ts';

type Open = Extract<Finding, { kind: 'openToWorld' }>;

/** As wide as half of IPv4: two such rules side by side are an old way round checks that look for /0 alone. */
const HALF = 1;
const HALVES = [parsePrefix('0.0.0.0/1')!, parsePrefix('128.0.0.0/1')!];
/** All of the public IPv6 Internet. https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_IPV6 = parsePrefix('2000::/3')!;

/** Ingress rules that let every address, or half of them, reach a service that is not meant for strangers. */
export function openToWorld(inventory: Inventory): Open[] {
  return reachesOf(inventory).flatMap(({ rule, sure }): Open[] => {
    if (rule.direction !== 'ingress' || !isWorld(sure)) return [];
    const service = sensitiveText(rule);
    return service === undefined ? [] : [{ kind: 'openToWorld', ruleId: rule.ruleId, service }];
  });
}

function isWorld(prefixes: readonly Prefix[]): boolean {
  if (prefixes.some(({ address, length }) => address.family === 4 && length <= HALF)) return true;
  const inFamily = (family: number): Prefix[] => prefixes.filter(({ address }) => address.family === family);
  const [four, six] = [inFamily(4), inFamily(6)];
  return (
    HALVES.some((half) => isCoveredBy(half, four)) ||
    six.some((prefix) => holds(prefix, GLOBAL_IPV6)) ||
    isCoveredBy(GLOBAL_IPV6, six)
  );
}
