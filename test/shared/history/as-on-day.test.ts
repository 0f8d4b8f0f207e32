import { expect, test } from '@jest/globals';
import { formatPrefix } from '../../../shared/addresses/address.ts';
import { InventoryHistory } from '../../../shared/history/inventory-history.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { toldByCloudTrail } from '../../../shared/inventory/past/cloudtrail-events.ts';
import { pastOf } from '../../../shared/inventory/past/past-of.ts';
import { isAttached } from '../../../shared/matching/compiled-inventory.ts';
import { awsRule, inventoryOf, pagesOf, showRule } from '../inventory/aws-shorthand.ts';
import { askedFor, authorizedEvent, editedEvent, eventPages, madeEvent } from '../inventory/past/events.ts';

type Raw = Readonly<Record<string, unknown>>;
const DAY = 86_400;

const NOW = inventoryOf({
  rules: [awsRule('in tcp 443 10.0.0.0/8')],
  interfaces: [
    { NetworkInterfaceId: 'eni-1', VpcId: 'vpc-1', PrivateIpAddress: '10.0.0.1', Groups: [{ GroupId: 'sg-1' }] },
  ],
  prefixLists: [{ PrefixListId: 'pl-1' }],
  entries: { 'pl-1': ['10.1.0.0/16'] },
});

/** Of interfaces that are gone it must be known that their groups did not change. */
const WHOLE = ['ModifyNetworkInterfaceAttribute', 'ModifyInstanceAttribute'].flatMap((name) =>
  pagesOf('cloudtrail-events.json', askedFor(name, 0, 30 * DAY)),
);

function on(day: number, ...events: Raw[]): Inventory {
  return onWhole(day, WHOLE, events);
}

function onWhole(day: number, asked: typeof WHOLE, events: readonly Raw[]): Inventory {
  const past = pastOf(toldByCloudTrail([...eventPages(...events), ...asked]), NOW, undefined);
  return new InventoryHistory([{ takenAt: Infinity, inventory: NOW }], past).compiledOn(day).inventory;
}

const rulesOf = ({ rules }: Inventory): string[] => rules.map(showRule).sort();
const interfacesOf = ({ interfaces }: Inventory): string[] =>
  [...interfaces.values()].map(
    ({ interfaceId, groupIds, prefixes }) =>
      `${interfaceId} ${groupIds.join('+')} ${prefixes.map(formatPrefix).join()}`,
  );

const WEB = 'ingress tcp(6) 443-443 cidrIpv4 10.0.0.0/8';
const SSH = 'ingress tcp(6) 22-22 cidrIpv4 10.0.0.0/8';

test('what the account does not speak of stood on every day', () => {
  expect(rulesOf(on(3))).toEqual([WEB]);
  expect(interfacesOf(on(3))).toEqual(['eni-1 sg-1 10.0.0.1/32']);
});

test('a rule that was edited said something else before, and on that day both', () => {
  const made = authorizedEvent(10 * DAY, 'in tcp 22 10.0.0.0/8');
  const edited = editedEvent(20.5 * DAY, 'in tcp 443 10.0.0.0/8');
  expect([9, 10, 19, 20, 21].map((day) => rulesOf(on(day, made, edited)))).toEqual([
    [],
    [SSH],
    [SSH],
    [SSH, WEB].sort(),
    [WEB],
  ]);
});

test('an interface that is gone lived from its birth to its end, and a quarter of an hour for its last records', () => {
  const networkInterface = {
    networkInterfaceId: 'eni-2',
    vpcId: 'vpc-1',
    privateIpAddress: '10.0.0.2',
    groupSet: { items: [{ groupId: 'sg-2' }] },
  };
  const made = madeEvent('CreateNetworkInterface', 10.5 * DAY, {}, { networkInterface });
  const gone = madeEvent('DeleteNetworkInterface', 11 * DAY - 60, { networkInterfaceId: 'eni-2' });
  const known = [9, 10, 11, 12].map((day) => interfacesOf(on(day, made, gone)).length);
  expect(known).toEqual([1, 2, 2, 1]);
  // Nobody told its end, or whether its groups changed: it protects as one that nobody knows.
  expect([10, 11, 12].map((day) => interfacesOf(on(day, made)).length)).toEqual([1, 1, 1]);
  expect([10, 11, 12].map((day) => interfacesOf(onWhole(day, [], [made, gone])).length)).toEqual([1, 1, 1]);
});

test('an address is of a gone interface until it went, and then of the one that has it', () => {
  const made = (at: number, id: string, groupId: string): Raw => {
    const networkInterface = { networkInterfaceId: id, vpcId: 'vpc-1', privateIpAddress: '10.0.0.9' };
    return madeEvent(
      'CreateNetworkInterface',
      at,
      { id },
      {
        networkInterface: { ...networkInterface, groupSet: { items: [{ groupId }] } },
      },
    );
  };
  const gone = (at: number, networkInterfaceId: string): Raw =>
    madeEvent('DeleteNetworkInterface', at, { networkInterfaceId });
  const begin = 10 * DAY;
  const events = [
    ...[made(begin + 3600, 'eni-a', 'sg-2'), gone(begin + 4000, 'eni-a')],
    ...[made(begin + 9000, 'eni-b', 'sg-3'), gone(begin + 9400, 'eni-b')],
  ];
  const past = pastOf(toldByCloudTrail([...eventPages(...events), ...WHOLE]), NOW, undefined);
  const compiled = new InventoryHistory([{ takenAt: Infinity, inventory: NOW }], past).compiledOn(10);
  const ownersAt = (at: number): string[] =>
    ['eni-a', 'eni-b'].filter((id) => isAttached(compiled.interfaceOf(id)!, begin + at));
  expect([2999, 3000, 4599, 4600, 9100].map(ownersAt)).toEqual([[], ['eni-a'], ['eni-a'], [], ['eni-b']]);
});

test('of two changes of groups in one second nobody knows which came last: it may have had both', () => {
  const change = (id: string): Raw =>
    madeEvent('ModifyNetworkInterfaceAttribute', 10.5 * DAY, {
      networkInterfaceId: 'eni-1',
      groupSet: { items: [{ groupId: id }] },
    });
  expect(interfacesOf(on(12, change('sg-2'), change('sg-1')))).toEqual(['eni-1 sg-1+sg-2 10.0.0.1/32']);
});

test('an interface had the groups of the time; before what is told nobody knows', () => {
  const change = (at: number, id: string): Raw =>
    madeEvent('ModifyNetworkInterfaceAttribute', at * DAY, {
      networkInterfaceId: 'eni-1',
      groupSet: { items: [{ groupId: id }] },
    });
  const events = [change(10.5, 'sg-2'), change(20.5, 'sg-1')];
  expect([9, 10, 15, 20, 21].map((day) => interfacesOf(on(day, ...events)))).toEqual([
    [],
    ['eni-1 sg-2 10.0.0.1/32'],
    ['eni-1 sg-2 10.0.0.1/32'],
    ['eni-1 sg-1+sg-2 10.0.0.1/32'],
    ['eni-1 sg-1 10.0.0.1/32'],
  ]);
  const past = pastOf(toldByCloudTrail(eventPages(change(10.5, 'sg-2'))), NOW, undefined);
  expect(past.problems).toEqual([expect.stringContaining('eni-1 carries other groups than CloudTrail tells')]);
  expect(interfacesOf(on(15, change(10.5, 'sg-2')))).toEqual(['eni-1 sg-1+sg-2 10.0.0.1/32']);
});

test('an instance of before all that is told had other groups before they were changed', () => {
  const standing = (interfaceId: string, address: string): Raw => ({
    NetworkInterfaceId: interfaceId,
    VpcId: 'vpc-1',
    PrivateIpAddress: address,
    Groups: [{ GroupId: 'sg-2' }],
    Attachment: { InstanceId: `i-${interfaceId}` },
  });
  const now = inventoryOf({ interfaces: [standing('eni-1', '10.0.0.1'), standing('eni-3', '10.0.0.3')] });
  const groupSet = { items: [{ groupId: 'sg-2' }] };
  const change = madeEvent('ModifyInstanceAttribute', 10.5 * DAY, { instanceId: 'i-eni-1', groupSet });
  const past = pastOf(toldByCloudTrail(eventPages(change)), now, undefined);
  const history = new InventoryHistory([{ takenAt: Infinity, inventory: now }], past);
  const idsOn = (day: number): string[] => [...history.compiledOn(day).inventory.interfaces.keys()];
  expect([9, 11].map(idsOn)).toEqual([['eni-3'], ['eni-1', 'eni-3']]);
});

test('an instance that ends takes the interfaces along that came with it, and no other', () => {
  const networkInterface = (id: string, address: string, deleteOnTermination: boolean): Raw => ({
    networkInterfaceId: id,
    vpcId: 'vpc-1',
    privateIpAddress: address,
    groupSet: { items: [{ groupId: 'sg-2' }] },
    attachment: { deleteOnTermination },
  });
  const items = [networkInterface('eni-2', '10.0.0.2', true), networkInterface('eni-1', '10.0.0.1', false)];
  const instancesSet = { items: [{ instanceId: 'i-1', networkInterfaceSet: { items } }] };
  const run = madeEvent('RunInstances', 10.5 * DAY, {}, { instancesSet });
  const terminated = madeEvent('TerminateInstances', 12.5 * DAY, { instancesSet: { items: [{ instanceId: 'i-1' }] } });
  const ids = (day: number): string[] => [...on(day, run, terminated).interfaces.keys()];
  expect([9, 11, 14].map(ids)).toEqual([['eni-1'], ['eni-1', 'eni-2'], ['eni-1']]);
});

test('an interface that stands was not taken along by its instance', () => {
  const attachment = { deleteOnTermination: true };
  const items = [
    {
      networkInterfaceId: 'eni-1',
      vpcId: 'vpc-1',
      privateIpAddress: '10.0.0.1',
      groupSet: { items: [{ groupId: 'sg-1' }] },
      attachment,
    },
  ];
  const run = madeEvent(
    'RunInstances',
    10.5 * DAY,
    {},
    {
      instancesSet: { items: [{ instanceId: 'i-1', networkInterfaceSet: { items } }] },
    },
  );
  const terminated = madeEvent('TerminateInstances', 12.5 * DAY, { instancesSet: { items: [{ instanceId: 'i-1' }] } });
  expect([9, 11, 14].map((day) => interfacesOf(on(day, run, terminated)).length)).toEqual([0, 1, 1]);
});

test('a list held the entries of the time', () => {
  const asked = { PrefixListId: 'pl-1', AddEntry: { Cidr: '10.1.0.0/16' }, RemoveEntry: { Cidr: '10.2.0.0/16' } };
  const modified = madeEvent('ModifyManagedPrefixList', 10.5 * DAY, { ModifyManagedPrefixListRequest: asked });
  const entries = (day: number): string[] =>
    on(day, modified).prefixLists.get('pl-1')!.entries!.map(formatPrefix).sort();
  expect([9, 10, 12].map(entries)).toEqual([['10.2.0.0/16'], ['10.1.0.0/16', '10.2.0.0/16'], ['10.1.0.0/16']]);
});

test('a group that is gone is known with its VPC', () => {
  const made = madeEvent('CreateSecurityGroup', 10 * DAY, { vpcId: 'vpc-9' }, { groupId: 'sg-9' });
  expect(on(10, made).groups.get('sg-9')).toMatchObject({ vpcId: 'vpc-9' });
});

test('what a snapshot of the day shows stands, whoever says otherwise; one of a later day tells nothing of it', () => {
  const made = authorizedEvent(20 * DAY, 'in tcp 443 10.0.0.0/8');
  const past = pastOf(toldByCloudTrail(eventPages(made)), NOW, undefined);
  const history = new InventoryHistory(
    [10, 30].map((day) => ({ takenAt: day * DAY, inventory: NOW })),
    past,
  );
  expect([9, 10, 15, 30].map((day) => rulesOf(history.compiledOn(day).inventory))).toEqual([[], [WEB], [WEB], [WEB]]);
});
