import type { PlayedKind } from '../kinds/recipe.ts';
import { PEERED_ACCOUNTS } from '../world/lay-out-network.ts';
import type { Vpc } from '../world/entities.ts';
import { stale, USED } from '../world/purposes.ts';
import { byShare, calls, type Site } from './site.ts';

/**
 * Two more accounts, whose VPCs are peered with `prod` and with each other: rules of all three name groups of the others. Each
 * has a VPC beside that is joined to nothing, where interfaces have the addresses of those in `prod`.
 */
export function peeredAccounts(site: Site): PlayedKind[] {
  const { b } = site;
  const [first, second] = PEERED_ACCOUNTS;
  const prod = site.world.network.prod;
  const billing = b.vpc('billing', first, ['172.30.0.0/16']);
  const partner = b.vpc('reports', second, ['172.29.0.0/16']);
  const islands = PEERED_ACCOUNTS.map((id, i) => b.vpc(`island-${String(i)}`, id, ['10.20.0.0/16']));
  for (const vpc of [billing, partner, ...islands]) b.flowLog(vpc.id, 'ALL', 60, b.id('fl'));
  b.peer(prod, billing);
  b.peer(prod, partner);
  b.peer(billing, partner);

  // All groups first: their rules name each other.
  b.group(prod, 'ledger', 'ledger');
  for (const name of ['biller', 'invoices']) b.group(billing, name, name);
  for (const name of ['reporter', 'figures']) b.group(partner, name, name);
  b.addRules('ledger', [
    ['in tcp 6001 sg:biller', USED, 'billing'],
    ['in tcp 6002 sg:reporter', USED, 'reports'],
    ['in tcp 6003 sg:biller', stale('billing, version 1')],
    ['out tcp 6101 sg:invoices', USED],
    ['out tcp 6103 sg:figures', stale('reports are asked for by their owner')],
  ]);
  b.addRules('biller', [
    ['out tcp 6001 sg:ledger', USED],
    ['out tcp 6003 sg:ledger', stale('version 1')],
    ['out tcp 6301 172.29.0.0/16', stale('was to come')],
  ]);
  b.addRules('invoices', [
    ['in tcp 6101 sg:ledger', USED],
    ['in tcp 6201 sg:reporter', USED],
    ['in tcp 6104 sg:ledger', stale('version 1')],
  ]);
  b.addRules('reporter', [
    ['out tcp 6002 sg:ledger', USED],
    ['out tcp 6201 sg:invoices', USED],
  ]);
  b.addRules('figures', [
    ['in tcp 6103 sg:ledger', stale('nobody asks')],
    ['in tcp 6302 sg:reporter', USED, 'its own'],
  ]);
  b.addRules('reporter', [['out tcp 6302 sg:figures', USED]]);

  const machine = (vpc: Vpc, group: string, cidr: string) =>
    site.idle(group, { subnet: b.subnet(vpc, `${group}-machines`, cidr) });
  const ledger = site.idle('ledger');
  const biller = machine(billing, 'biller', '172.30.1.0/24');
  const invoices = machine(billing, 'invoices', '172.30.2.0/24');
  const reporter = machine(partner, 'reporter', '172.29.1.0/24');
  const figures = machine(partner, 'figures', '172.29.2.0/24');
  return [
    byShare('billingCallsLedger', 0.5, 'a group of another account, peered', calls(biller, ledger, 6001)),
    byShare('reportsCallLedger', 0.5, 'a group of a third account, peered', calls(reporter, ledger, 6002)),
    byShare('ledgerCallsInvoices', 0.5, 'the other way round', calls(ledger, invoices, 6101)),
    byShare('reportsCallInvoices', 0.5, 'two accounts, neither of them the first', calls(reporter, invoices, 6201)),
    byShare('reportsAmongThemselves', 0.3, 'within one of them', calls(reporter, figures, 6302)),
    ...islands.flatMap((vpc, i) => island(site, vpc, `islander-${String(i)}`)),
  ];
}

/** In a VPC with the blocks of `prod`, two that talk at the addresses which machines have there. */
function island(site: Site, vpc: Vpc, name: string): PlayedKind[] {
  const { b } = site;
  const subnet = b.subnet(vpc, `${name}-machines`, site.machines.cidr);
  b.group(vpc, name, 'alone in its VPC');
  b.group(vpc, `${name}-client`, 'alone in its VPC');
  b.addRules(name, [
    [`in tcp 6401 sg:${name}-client`, USED],
    [`in tcp 6402 sg:${name}-client`, stale('left over')],
  ]);
  b.addRules(`${name}-client`, [
    [`out tcp 6401 sg:${name}`, USED],
    [`out tcp 6402 sg:${name}`, stale('left over')],
  ]);
  const server = site.idle(name, { subnet });
  const client = site.idle(`${name}-client`, { subnet });
  return [byShare(`within-${name}`, 0.3, 'at the addresses of others', calls(client, server, 6401))];
}
