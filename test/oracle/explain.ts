/** DESIGN 2.2 to 2.7 for one record, by linear scans. */
import { contains, formatIp, parseBlock, parseIp, sameIp, type Ip } from './addresses.ts';
import {
  admits,
  couldAdmit,
  groupsOf,
  groupsOfVpc,
  hasPorts,
  holds,
  isOpen,
  matchedLength,
  mayBeOthers,
  mayHaveAdmitted,
  memberMayHaveBeenAt,
  namesCarriedGroup,
  portsOf,
  portWidthOf,
  protocolOf,
  vpcsOf,
  type ServiceFlow,
} from './match.ts';
import type {
  Decision,
  Direction,
  Explanation,
  Hypothesis,
  NightEvidence,
  OracleInterface,
  OracleInventory,
  OracleRecord,
  OracleRule,
  Outcome,
  PossibleReason,
} from './types.ts';

const BOTH: Hypothesis[] = ['request', 'reply'];
const DAY_ONLY: NightEvidence = {};

export function explainRecord(
  described: OracleInventory,
  record: OracleRecord,
  night: NightEvidence = DAY_ONLY,
): Outcome {
  const field = (name: string): string => record[name] ?? '-';
  const inventory = asOf(described, Number(record.start));

  if (field('log-status') === 'NODATA') return { fate: 'noData' };
  if (field('log-status') === 'SKIPDATA') return { fate: 'skipData' };
  const at = described.networkInterfaces.find((item) => item.NetworkInterfaceId === field('interface-id'));
  if (at === undefined && isOfOtherAccount(inventory, record)) return { fate: 'otherAccount' };
  if (field('action') === 'REJECT') return { fate: 'rejected' };
  if (field('interface-id') === '-' && field('resource-id').startsWith('nat-')) return { fate: 'noGroup' };
  if (at === undefined) return { fate: 'unknownInterface', eitherWay: usedByUnknown(inventory, record, night) };
  if (groupsOf(at).length === 0) return { fate: 'noGroup' };
  const direction = directionOf(at, record);
  if (direction === undefined) {
    const eitherWay = usedEitherWay(inventory, record, night, [{ at, directions: ['ingress', 'egress'] }]);
    return { fate: 'unknownDirection', eitherWay };
  }

  const explanation = explainFlow(inventory, record, at, direction, night);
  if (explanation.admitting.length > 0) return { fate: 'attributed', explanation };
  const isOtherPath = explanation.possible.some(({ because }) => because === 'otherPath');
  return { fate: explanation.could.length > 0 && !isOtherPath ? 'possible' : 'unexplained', explanation };
}

/** Interfaces that are attached later have no address for sure yet: they or another may have had it. UNIX seconds. */
function asOf(inventory: OracleInventory, time: number): OracleInventory {
  const networkInterfaces = inventory.networkInterfaces.map((one): OracleInterface => {
    if (one.Attachment === undefined || Date.parse(one.Attachment.AttachTime) / 1000 <= time) return one;
    const { NetworkInterfaceId, VpcId, InterfaceType, Groups } = one;
    return {
      NetworkInterfaceId,
      ...(VpcId && { VpcId }),
      ...(InterfaceType && { InterfaceType }),
      ...(Groups && { Groups }),
      attachedLater: one,
    };
  });
  return { ...inventory, networkInterfaces };
}

/** 2.2. The oracle knows no files, so neither their flow log nor the account in their path tells. */
function isOfOtherAccount(inventory: OracleInventory, record: OracleRecord): boolean {
  const account = record['account-id'] ?? '-';
  const accounts = inventory.securityGroups.map((group) => group.OwnerId);
  const owners = [...accounts, ...inventory.securityGroupRules.map((rule) => rule.GroupOwnerId)];
  const known = owners.filter((owner) => owner !== undefined);
  const vpc = record['vpc-id'] ?? '-';
  if (!/^\d{12}$/.test(account) || known.length === 0 || known.includes(account)) return false;
  return vpc !== '-' && !vpcsOf(inventory).includes(vpc);
}

/** An interface as it may be: at `at`, seen in these directions. */
interface Supposed {
  at: OracleInterface;
  directions: Direction[];
}

/** 2.3: an unknown interface may carry every group of its VPC; of every VPC where the record does not tell. */
function usedByUnknown(inventory: OracleInventory, record: OracleRecord, night: NightEvidence): string[] {
  const told = record['vpc-id'] ?? '-';
  const all = vpcsOf(inventory);
  const vpcs: (string | undefined)[] = told !== '-' ? [told] : all.length > 0 ? all : [undefined];
  const supposed = vpcs.map((VpcId): Supposed => {
    const Groups = groupsOfVpc(inventory, VpcId).map((GroupId) => ({ GroupId }));
    const at = { NetworkInterfaceId: '', Groups, ...(VpcId === undefined ? {} : { VpcId }) };
    const isKnown = (name: string): boolean =>
      inventory.networkInterfaces.some((one) => one.VpcId === VpcId && holds(one, addressIn(record, name)));
    const [from, to] = [isKnown('srcaddr'), isKnown('dstaddr')];
    if (from === to) return { at, directions: ['ingress', 'egress'] };
    return { at, directions: [from ? 'ingress' : 'egress'] };
  });
  return usedEitherWay(inventory, record, night, supposed);
}

/**
 * The rules that admit or could admit a record in either reading but for those that its flags exclude; where there are
 * none, those that may have in the sense of 2.7 (iii). Both the plain and the pkt- field may be the peer.
 */
function usedEitherWay(
  inventory: OracleInventory,
  record: OracleRecord,
  night: NightEvidence,
  supposed: Supposed[],
): string[] {
  const protocol = Number(record.protocol);
  const shown = hypothesisShown(protocol, record, night);
  const [requestPort, replyPort] = hasPorts(protocol) ? [Number(record.dstport), Number(record.srcport)] : [null, null];
  const flowsOf = (at: OracleInterface, directions: Direction[]): ServiceFlow[] =>
    towards(record, directions).flatMap((direction) => {
      const opposite: Direction = direction === 'ingress' ? 'egress' : 'ingress';
      const side = direction === 'ingress' ? 'srcaddr' : 'dstaddr';
      const peers = [side, `pkt-${side}`].filter((name) => (record[name] ?? '-') !== '-');
      return peers.flatMap((name): ServiceFlow[] => {
        const peer = addressIn(record, name);
        const request: ServiceFlow = { at, direction, protocol, port: requestPort, peer };
        const reply: ServiceFlow = { at, direction: opposite, protocol, port: replyPort, peer };
        return [...(shown === 'reply' ? [] : [request]), ...(shown === 'request' ? [] : [reply])];
      });
    });
  const strict = supposed.flatMap(({ at, directions }) => flowsOf(at, directions));
  const used = inventory.securityGroupRules.filter((rule) =>
    strict.some((flow) => admits(inventory, rule, flow) || couldAdmit(inventory, rule, flow)),
  );
  const atLattice = supposed.flatMap(({ at }) => admittingAtLattice(inventory, record, at.VpcId));
  if (used.length > 0) return idsOf([...new Set([...used, ...atLattice])]);
  const wide = supposed.flatMap(({ at, directions }) => flowsOf(withAllGroups(inventory, at), directions));
  const may = inventory.securityGroupRules.filter((rule) =>
    wide.some((flow) => mayHaveAdmitted(inventory, rule, flow)),
  );
  return idsOf([...new Set([...may, ...atLattice])]);
}

/** The direction that the record tells; else those supposed. */
function towards(record: OracleRecord, supposed: Direction[]): Direction[] {
  const given = record['flow-direction'];
  return given === 'ingress' || given === 'egress' ? [given] : supposed;
}

/** As if the interface carried every group of its VPC. */
function withAllGroups(inventory: OracleInventory, at: OracleInterface): OracleInterface {
  return { ...at, Groups: groupsOfVpc(inventory, at.VpcId).map((GroupId) => ({ GroupId })) };
}

function directionOf(at: OracleInterface, record: OracleRecord): Direction | undefined {
  const given = record['flow-direction'];
  if (given === 'ingress' || given === 'egress') return given;
  if (holds(at, addressIn(record, 'dstaddr'))) return 'ingress';
  if (holds(at, addressIn(record, 'srcaddr'))) return 'egress';
  return undefined;
}

function explainFlow(
  inventory: OracleInventory,
  record: OracleRecord,
  at: OracleInterface,
  direction: Direction,
  night: NightEvidence,
): Explanation {
  const rules = inventory.securityGroupRules;
  const opposite: Direction = direction === 'ingress' ? 'egress' : 'ingress';
  const protocol = Number(record.protocol);
  const sourcePort = hasPorts(protocol) ? Number(record.srcport) : null;
  const destinationPort = hasPorts(protocol) ? Number(record.dstport) : null;

  const flowOf = (hypothesis: Hypothesis, peer: Ip): ServiceFlow =>
    hypothesis === 'request'
      ? { at, direction, protocol, port: destinationPort, peer }
      : { at, direction: opposite, protocol, port: sourcePort, peer };
  const admittingOf = (hypothesis: Hypothesis, peer: Ip): OracleRule[] =>
    rules.filter((rule) => admits(inventory, rule, flowOf(hypothesis, peer)));
  const couldOf = (hypothesis: Hypothesis, peer: Ip): OracleRule[] =>
    rules.filter((rule) => couldAdmit(inventory, rule, flowOf(hypothesis, peer)));
  const anyOf = (hypothesis: Hypothesis, peer: Ip): OracleRule[] => [
    ...admittingOf(hypothesis, peer),
    ...couldOf(hypothesis, peer),
  ];

  const shown = hypothesisShown(protocol, record, night);

  // Step 3: the pkt- field, unless no rule admits it and the plain field says otherwise.
  const side = direction === 'ingress' ? 'srcaddr' : 'dstaddr';
  const plain = addressIn(record, side);
  const real = (record[`pkt-${side}`] ?? '-') === '-' ? plain : addressIn(record, `pkt-${side}`);
  const considered: Hypothesis[] = shown === undefined ? BOTH : [shown];
  const fellBack = !sameIp(real, plain) && considered.every((one) => admittingOf(one, real).length === 0);
  const peer = fellBack ? plain : real;

  // Step 5.
  const admitted = { request: admittingOf('request', peer), reply: admittingOf('reply', peer) };
  const could = { request: couldOf('request', peer), reply: couldOf('reply', peer) };
  const any = {
    request: [...admitted.request, ...could.request],
    reply: [...admitted.reply, ...could.reply],
  };
  const [hypothesis, decision] = decide(shown, any.request, any.reply, sourcePort, destinationPort, night);
  const loser: Hypothesis = hypothesis === 'request' ? 'reply' : 'request';

  // Step 7 (ii): a certain one that nothing admits is the lone rule's that could.
  const [only, ...more] = could[hypothesis];
  const isLone =
    decision === 'syn' &&
    admitted[hypothesis].length === 0 &&
    only !== undefined &&
    more.length === 0 &&
    namesCarriedGroup(inventory, only);
  const chosen = isLone ? [only] : admitted[hypothesis];
  // Step 5, last sentence: a SYN-ACK that no rule admits and no lone rule could.
  const isOtherPath = decision === 'syn' && hypothesis === 'reply' && chosen.length === 0 && night.synSeen !== true;

  // Step 7, possible use.
  const clear = isClear({
    protocol,
    hypothesis,
    decision,
    admits: admitted[hypothesis].length > 0,
    widths: { winner: narrowest(any[hypothesis]), loser: narrowest(any[loser]) },
    loserIsNamed:
      any[loser].length > 0 &&
      narrowest(any[loser]) <= 1024 &&
      compareLists(bestSpecificity(any[loser]), bestSpecificity(any[hypothesis])) < 0,
    loserCould: any[loser].length > 0 || (fellBack && anyOf(loser, real).length > 0),
    loserNames: (port) => rules.some((rule) => namesPort(rule, flowOf(loser, peer), port)),
    sourcePort,
    destinationPort,
    night,
  });
  const possible: Explanation['possible'] = [];
  const add = (because: PossibleReason, found: OracleRule[]): void => {
    for (const id of idsOf(found)) {
      const credited = chosen.some((rule) => rule.SecurityGroupRuleId === id);
      if (!credited && !possible.some((one) => one.rule === id)) possible.push({ because, rule: id });
    }
  };
  if (shown === undefined && !clear) add('i', any[loser]);
  if (isOtherPath) {
    add('otherPath', [...any.request, ...any.reply]);
  } else {
    if (shown !== 'reply' && admitted.request.length === 0) add('ii', could.request);
    if (chosen.length === 0) add('chosenCould', could[hypothesis]);
  }
  if (!fellBack && !sameIp(real, plain) && shown === undefined && chosen.length > 0 && admitted[loser].length === 0) {
    add('plainAddress', anyOf(loser, plain));
  }
  if (fellBack) {
    add('packetPeer', couldOf(hypothesis, real));
    if (shown !== 'reply') add('packetPeer', couldOf('request', real));
    if (shown === undefined && !clear) add('packetPeer', couldOf('reply', real));
  }

  // (iii), for every group of the VPC, by whichever address may be the peer's.
  const mayHave = (one: Hypothesis): OracleRule[] => {
    const wide = withAllGroups(inventory, at);
    const flows = (fellBack ? [plain, real] : [peer]).map((ip) => ({ ...flowOf(one, ip), at: wide }));
    return rules.filter((rule) => flows.some((flow) => mayHaveAdmitted(inventory, rule, flow)));
  };
  const readings: Hypothesis[] = shown === undefined || isOtherPath ? BOTH : [shown];
  if (readings.every((one) => any[one].length === 0)) {
    for (const one of readings) add('iii', mayHave(one));
  }
  const onlyForWant = decision === 'onlyOne' && hypothesis === 'reply' && any.request.length === 0;
  if (onlyForWant && !speakForReply(protocol, sourcePort, destinationPort)) add('wantOfRules', mayHave('request'));

  add(
    'attachedLater',
    could[hypothesis].filter((rule) => memberMayHaveBeenAt(inventory, rule, peer)),
  );
  // Of two that had the address that day one had it then: credited, and possible as well.
  for (const rule of admitted[hypothesis].filter((one) => mayBeOthers(inventory, one, at, peer))) {
    possible.push({ because: 'sharedAddress', rule: rule.SecurityGroupRuleId });
  }
  add('lattice', admittingAtLattice(inventory, record, at.VpcId));

  // Step 7, untracked connections: the reply travels in the record's own direction.
  const opensUntracked = chosen.some((rule) => isOpen(inventory, rule, peer.family));
  const untracked =
    hypothesis === 'reply' && hasPorts(protocol) && opensUntracked
      ? rules.filter((rule) => letsAllThrough(inventory, rule, flowOf('request', peer)))
      : [];

  return {
    interfaceId: at.NetworkInterfaceId,
    groups: [...groupsOf(at)],
    day: new Date(Number(record.end) * 1000).toISOString().slice(0, 10),
    hypothesis,
    decision,
    direction: hypothesis === 'request' ? direction : opposite,
    peer: formatIp(peer),
    fellBack,
    protocol,
    servicePort: hypothesis === 'request' ? destinationPort : sourcePort,
    isLone,
    admitting: idsOf(chosen),
    could: idsOf(could[hypothesis].filter((rule) => !chosen.includes(rule))),
    primary: isLone ? only.SecurityGroupRuleId : primaryOf(inventory, chosen, { at, peer }),
    possible,
    untracked: idsOf(untracked),
  };
}

const LATTICE = ['169.254.171.0/24', 'fd00:ec2:80::/64'].map(parseBlock);

/** As if a call of VPC Lattice came in to an interface with every group of the VPC. */
function admittingAtLattice(inventory: OracleInventory, record: OracleRecord, vpcId: string | undefined): OracleRule[] {
  const ends = [
    { client: 'srcaddr', service: 'dstaddr', port: 'dstport' },
    { client: 'dstaddr', service: 'srcaddr', port: 'srcport' },
  ];
  const called = ends.find(({ service }) => LATTICE.some((block) => contains(block, addressIn(record, service))));
  if (!called) return [];
  const protocol = Number(record.protocol);
  const at = withAllGroups(inventory, { NetworkInterfaceId: '', ...(vpcId === undefined ? {} : { VpcId: vpcId }) });
  const port = hasPorts(protocol) ? Number(record[called.port]) : null;
  const flow: ServiceFlow = { at, direction: 'ingress', protocol, port, peer: addressIn(record, called.client) };
  return inventory.securityGroupRules.filter(
    (rule) => admits(inventory, rule, flow) || couldAdmit(inventory, rule, flow),
  );
}

/** Ports from which active FTP opens data connections, without and with TLS. */
const FTP_DATA: readonly number[] = [20, 989];

/** Whether the ports of a record leave no room for a request from the one to the other. */
function speakForReply(protocol: number, sourcePort: number | null, destinationPort: number | null): boolean {
  if (sourcePort === null || destinationPort === null) return false;
  const isTaken = protocol === 6 ? sourcePort >= 512 : ![53, 88, 389, 123].includes(sourcePort);
  return sourcePort < destinationPort && !FTP_DATA.includes(sourcePort) && (destinationPort >= 32768 || !isTaken);
}

/** What 2.5 looks at to say whether a reading leaves no room for the other. */
interface Reading {
  protocol: number;
  hypothesis: Hypothesis;
  decision: Decision;
  /** Some rule admits the winner. */
  admits: boolean;
  /** Ports of the narrowest rule that admits or could. */
  widths: { winner: number; loser: number };
  /** The loser's best rule has at most 1,024 ports and is more specific than the winner's. */
  loserIsNamed: boolean;
  /** Some rule admits or could admit the loser. */
  loserCould: boolean;
  /** A rule of the interface's groups in the losing direction, of at most 1,024 ports, names the port. */
  loserNames: (port: number) => boolean;
  sourcePort: number | null;
  destinationPort: number | null;
  night: NightEvidence;
}

/** 2.5, *Clear*. */
function isClear(reading: Reading): boolean {
  const { protocol, hypothesis, decision, widths, sourcePort, destinationPort, night } = reading;
  if (!reading.admits || sourcePort === null || destinationPort === null) return false;
  if (sourcePort === destinationPort || [sourcePort, destinationPort].some((port) => FTP_DATA.includes(port)))
    return false;
  const [service, client] = hypothesis === 'request' ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
  const isTcp = protocol === 6;
  const grounds: Record<string, boolean> = {
    i: !reading.loserCould,
    ii:
      isTcp &&
      decision !== 'smallerPort' &&
      service < 32768 &&
      client >= 32768 &&
      widths.winner <= 1024 &&
      widths.loser > 1024,
    iii: isTcp && service < 512 && client >= 512 && !reading.loserNames(client),
    iv: !isTcp && hypothesis === 'reply' && [53, 88, 389, 123].includes(service),
    v: !isTcp && night.paired === (hypothesis === 'reply' ? 'answers' : 'asks'),
    // Clients keep reserved ports; and a rule that names the loser's service says otherwise.
    fanOut: isTcp && decision === 'fanOut' && (service < 512 || service > 1023) && !reading.loserIsNamed,
  };
  return Object.values(grounds).includes(true);
}

/** Whether the rule is one of the flow's groups and direction, of at most 1,024 TCP ports, and the port is among them. */
function namesPort(rule: OracleRule, flow: ServiceFlow, port: number): boolean {
  const ports = portsOf(rule);
  if (!groupsOf(flow.at).includes(rule.GroupId) || rule.IsEgress !== (flow.direction === 'egress')) return false;
  return (
    protocolOf(rule) === 6 && ports !== null && portWidthOf(rule) <= 1024 && ports.from <= port && port <= ports.to
  );
}

const narrowest = (rules: OracleRule[]): number => Math.min(...rules.map(portWidthOf));

/** Step 5a; at night by other records of the connection too. */
function hypothesisShown(protocol: number, record: OracleRecord, night: NightEvidence): Hypothesis | undefined {
  const flags = record['tcp-flags'] ?? '-';
  if (protocol !== 6 || flags === '-' || (Number(flags) & 2) === 0) return night.opener;
  return (Number(flags) & 16) === 0 ? 'request' : 'reply';
}

function decide(
  shown: Hypothesis | undefined,
  forRequest: OracleRule[],
  forReply: OracleRule[],
  sourcePort: number | null,
  destinationPort: number | null,
  night: NightEvidence,
): [Hypothesis, Decision] {
  if (shown !== undefined) return [shown, 'syn'];
  if (forRequest.length > 0 && forReply.length === 0) return ['request', 'onlyOne'];
  if (forRequest.length === 0 && forReply.length > 0) return ['reply', 'onlyOne'];
  if (night.service !== undefined) return [night.service === 'source' ? 'reply' : 'request', 'fanOut'];
  if (forRequest.length > 0 && forReply.length > 0) {
    const difference = compareLists(bestSpecificity(forRequest), bestSpecificity(forReply));
    if (difference !== 0) return [difference < 0 ? 'request' : 'reply', 'moreSpecific'];
  }
  const replyHasSmallerPort = sourcePort !== null && destinationPort !== null && sourcePort < destinationPort;
  return [replyHasSmallerPort ? 'reply' : 'request', 'smallerPort'];
}

/** Smaller is more specific: narrow ports first, then a named protocol. */
const specificityOf = (rule: OracleRule): number[] => [portWidthOf(rule), protocolOf(rule) === -1 ? 1 : 0];

const bestSpecificity = (rules: OracleRule[]): number[] => rules.map(specificityOf).sort(compareLists)[0] ?? [];

function compareLists(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function primaryOf(
  inventory: OracleInventory,
  admitting: OracleRule[],
  flow: Pick<ServiceFlow, 'at' | 'peer'>,
): string | null {
  const rank = (rule: OracleRule): number[] => [-(matchedLength(inventory, rule, flow) ?? 0), ...specificityOf(rule)];
  const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const ordered = [...admitting].sort(
    (a, b) => compareLists(rank(a), rank(b)) || byId(a.SecurityGroupRuleId, b.SecurityGroupRuleId),
  );
  return ordered[0]?.SecurityGroupRuleId ?? null;
}

/** Open to all addresses of the flow's family, for all ports of its protocol, in its direction. */
function letsAllThrough(inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean {
  const ports = portsOf(rule);
  const allPorts = protocolOf(rule) === -1 || (ports?.from === 0 && ports.to === 65535);
  return admits(inventory, rule, flow) && allPorts && isOpen(inventory, rule, flow.peer.family);
}

const idsOf = (rules: OracleRule[]): string[] => rules.map((rule) => rule.SecurityGroupRuleId).sort();

function addressIn(record: OracleRecord, name: string): Ip {
  const text = record[name];
  if (text === undefined || text === '-') throw new Error(`record has no ${name}: ${JSON.stringify(record)}`);
  return parseIp(text);
}
