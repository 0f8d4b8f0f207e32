/** DESIGN 2.2 to 2.7 for one record, by linear scans. */
import { formatIp, parseIp, sameIp, type Ip } from './addresses.ts';
import {
  admits,
  couldAdmit,
  groupsOf,
  hasPorts,
  holds,
  isOpen,
  matchedLength,
  portsOf,
  portWidthOf,
  protocolOf,
  type ServiceFlow,
} from './match.ts';
import type {
  Decision,
  Direction,
  Explanation,
  Hypothesis,
  OracleInterface,
  OracleInventory,
  OracleRecord,
  OracleRule,
  Outcome,
  PossibleReason,
} from './types.ts';

export function explainRecord(inventory: OracleInventory, record: OracleRecord): Outcome {
  const field = (name: string): string => record[name] ?? '-';

  if (field('log-status') === 'NODATA') return { fate: 'noData' };
  if (field('log-status') === 'SKIPDATA') return { fate: 'skipData' };
  if (field('action') === 'REJECT') return { fate: 'rejected' };
  if (field('interface-id') === '-') return { fate: 'noGroup' };
  const at = inventory.networkInterfaces.find((item) => item.NetworkInterfaceId === field('interface-id'));
  if (at === undefined) return { fate: 'unknownInterface', eitherWay: usedEitherWay(inventory, record, undefined) };
  if (groupsOf(at).length === 0) return { fate: 'noGroup' };
  const direction = directionOf(at, record);
  if (direction === undefined) return { fate: 'unknownDirection', eitherWay: usedEitherWay(inventory, record, at) };

  const explanation = explainFlow(inventory, record, at, direction);
  if (explanation.admitting.length > 0) return { fate: 'attributed', explanation };
  return { fate: explanation.could.length > 0 ? 'possible' : 'unexplained', explanation };
}

/**
 * Beyond the page, for the user's protection: the rules that admit or could admit a record in either reading, where
 * nobody can tell more. Of the interface, if its direction is unknown; for an unknown interface of every group that no
 * interface carries, if it were in the group's VPC and carried it.
 */
function usedEitherWay(inventory: OracleInventory, record: OracleRecord, known: OracleInterface | undefined): string[] {
  const given = record['flow-direction'];
  const directions: Direction[] = given === 'ingress' || given === 'egress' ? [given] : ['ingress', 'egress'];
  const protocol = Number(record.protocol);
  const shown = hypothesisShownByFlags(protocol, record);
  const ports = hasPorts(protocol) ? [Number(record.dstport), Number(record.srcport)] : [null, null];
  const carrierOf = (rule: OracleRule): OracleInterface | undefined => {
    if (known !== undefined) return known;
    if (inventory.networkInterfaces.some((one) => groupsOf(one).includes(rule.GroupId))) return undefined;
    const vpc = inventory.securityGroups.find((group) => group.GroupId === rule.GroupId)?.VpcId;
    const seen = record['vpc-id'] ?? '-';
    if (vpc !== undefined && seen !== '-' && seen !== vpc) return undefined;
    const Groups = [{ GroupId: rule.GroupId }];
    return { NetworkInterfaceId: '', Groups, ...(vpc === undefined ? {} : { VpcId: vpc }) };
  };
  const used = inventory.securityGroupRules.filter((rule) => {
    const at = carrierOf(rule);
    if (at === undefined) return false;
    return directions.some((direction) => {
      const opposite: Direction = direction === 'ingress' ? 'egress' : 'ingress';
      const side = direction === 'ingress' ? 'srcaddr' : 'dstaddr';
      const texts = [record[side], record[`pkt-${side}`] ?? '-'].filter((text) => text !== '-');
      return texts.some((text) => {
        const peer = parseIp(text ?? '');
        const request = { at, direction, protocol, port: ports[0] ?? null, peer };
        const reply = { at, direction: opposite, protocol, port: ports[1] ?? null, peer };
        const flows = [...(shown === 'reply' ? [] : [request]), ...(shown === 'request' ? [] : [reply])];
        return flows.some((flow) => admits(inventory, rule, flow) || couldAdmit(inventory, rule, flow));
      });
    });
  });
  return idsOf(used);
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

  const shown = hypothesisShownByFlags(protocol, record);

  // Step 3: the pkt- field, unless no rule admits it and the plain field says otherwise.
  const side = direction === 'ingress' ? 'srcaddr' : 'dstaddr';
  const plain = addressIn(record, side);
  const real = (record[`pkt-${side}`] ?? '-') === '-' ? plain : addressIn(record, `pkt-${side}`);
  const considered: Hypothesis[] = shown === undefined ? ['request', 'reply'] : [shown];
  const fellBack = !sameIp(real, plain) && considered.every((one) => admittingOf(one, real).length === 0);
  const peer = fellBack ? plain : real;

  // Step 5.
  const admitted = { request: admittingOf('request', peer), reply: admittingOf('reply', peer) };
  const could = { request: couldOf('request', peer), reply: couldOf('reply', peer) };
  const [hypothesis, decision] = decide(
    shown,
    [...admitted.request, ...could.request],
    [...admitted.reply, ...could.reply],
    sourcePort,
    destinationPort,
  );
  const loser: Hypothesis = hypothesis === 'request' ? 'reply' : 'request';
  const chosen = admitted[hypothesis];

  // Step 7, possible use; the page's (i) and (ii), and what the readings that protect the user add.
  const clear = isClear(protocol, hypothesis, admitted, could, sourcePort, destinationPort);
  const possible: Explanation['possible'] = [];
  const add = (because: PossibleReason, found: OracleRule[]): void => {
    for (const id of idsOf(found)) {
      const credited = chosen.some((rule) => rule.SecurityGroupRuleId === id);
      if (!credited && !possible.some((one) => one.rule === id)) possible.push({ because, rule: id });
    }
  };
  const bothAdmitted = admitted.request.length > 0 && admitted.reply.length > 0;
  if (shown === undefined && bothAdmitted && sourcePort === destinationPort) add('i', admitted[loser]);
  if (shown !== 'reply' && admitted.request.length === 0) add('ii', could.request);
  if (shown === undefined && !clear) add('unclear', [...admitted[loser], ...could[loser]]);
  if (chosen.length === 0) add('chosenCould', could[hypothesis]);
  if (!fellBack && !sameIp(real, plain) && shown === undefined && chosen.length > 0 && admitted[loser].length === 0) {
    add('plainAddress', [...admittingOf(loser, plain), ...couldOf(loser, plain)]);
  }
  if (fellBack) {
    add('packetPeer', couldOf(hypothesis, real));
    if (shown !== 'reply') add('packetPeer', couldOf('request', real));
    if (shown === undefined && !clear) add('packetPeer', couldOf('reply', real));
  }

  // Step 7, untracked connections: the reply travels in the record's own direction.
  const opensUntracked = chosen.some((rule) => isOpen(inventory, rule, peer.family));
  const untracked =
    hypothesis === 'reply' && hasPorts(protocol) && opensUntracked
      ? rules.filter((rule) => letsAllThrough(inventory, rule, flowOf('request', peer)))
      : [];

  return {
    interfaceId: at.NetworkInterfaceId,
    groups: groupsOf(at),
    day: new Date(Number(record.end) * 1000).toISOString().slice(0, 10),
    hypothesis,
    decision,
    direction: hypothesis === 'request' ? direction : opposite,
    peer: formatIp(peer),
    fellBack,
    protocol,
    servicePort: hypothesis === 'request' ? destinationPort : sourcePort,
    admitting: idsOf(chosen),
    could: idsOf(could[hypothesis]),
    primary: primaryOf(inventory, chosen, peer),
    possible,
    untracked: idsOf(untracked),
  };
}

/**
 * Whether an inferred choice leaves no room for the other one: some rule admits it, the ports differ, and either its
 * service port is below 512 and the other's is not, or its narrowest rule is at most 16 ports wide and the other's is
 * wider (over UDP only where its service port is below 32768 and the other's is not), or, where the ports are so, the
 * same with 1,024 ports. Port 20 is never clear: FTP opens data connections from it.
 */
function isClear(
  protocol: number,
  hypothesis: Hypothesis,
  admitted: Record<Hypothesis, OracleRule[]>,
  could: Record<Hypothesis, OracleRule[]>,
  sourcePort: number | null,
  destinationPort: number | null,
): boolean {
  if (admitted[hypothesis].length === 0) return false;
  if (sourcePort === null || destinationPort === null || sourcePort === destinationPort) return false;
  const loser: Hypothesis = hypothesis === 'request' ? 'reply' : 'request';
  const servicePort = { request: destinationPort, reply: sourcePort };
  const [service, client] = [servicePort[hypothesis], servicePort[loser]];
  if (service === 20) return false;
  if (service < 512 && client >= 512) return true;
  const width = (one: Hypothesis): number => Math.min(...[...admitted[one], ...could[one]].map(portWidthOf));
  const portsAgree = service < 32768 && client >= 32768;
  if (width(hypothesis) <= 16 && width(loser) > 16 && (protocol === 6 || portsAgree)) return true;
  return portsAgree && width(hypothesis) <= 1024 && width(loser) > 1024;
}

/** Step 5a. */
function hypothesisShownByFlags(protocol: number, record: OracleRecord): Hypothesis | undefined {
  const flags = record['tcp-flags'] ?? '-';
  if (protocol !== 6 || flags === '-' || (Number(flags) & 2) === 0) return undefined;
  return (Number(flags) & 16) === 0 ? 'request' : 'reply';
}

function decide(
  shown: Hypothesis | undefined,
  forRequest: OracleRule[],
  forReply: OracleRule[],
  sourcePort: number | null,
  destinationPort: number | null,
): [Hypothesis, Decision] {
  if (shown !== undefined) return [shown, 'syn'];
  if (forRequest.length > 0 && forReply.length === 0) return ['request', 'onlyOne'];
  if (forRequest.length === 0 && forReply.length > 0) return ['reply', 'onlyOne'];
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

function primaryOf(inventory: OracleInventory, admitting: OracleRule[], peer: Ip): string | null {
  const rank = (rule: OracleRule): number[] => [-(matchedLength(inventory, rule, peer) ?? 0), ...specificityOf(rule)];
  const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const ordered = [...admitting].sort(
    (a, b) => compareLists(rank(a), rank(b)) || byId(a.SecurityGroupRuleId, b.SecurityGroupRuleId),
  );
  return ordered[0]?.SecurityGroupRuleId ?? null;
}

/** Open to all addresses of the flow's family, for all ports of its protocol, in its direction. */
function letsAllThrough(inventory: OracleInventory, rule: OracleRule, flow: ServiceFlow): boolean {
  const ports = portsOf(rule);
  const allPorts = protocolOf(rule) === -1 || (ports !== null && ports.from === 0 && ports.to === 65535);
  return admits(inventory, rule, flow) && allPorts && isOpen(inventory, rule, flow.peer.family);
}

const idsOf = (rules: OracleRule[]): string[] => rules.map((rule) => rule.SecurityGroupRuleId).sort();

function addressIn(record: OracleRecord, name: string): Ip {
  const text = record[name];
  if (text === undefined || text === '-') throw new Error(`record has no ${name}: ${JSON.stringify(record)}`);
  return parseIp(text);
}
