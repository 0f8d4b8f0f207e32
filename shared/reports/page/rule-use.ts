import { bar, el, name, plainTable } from './dom.ts';
import type { PageRule } from './packed-report.ts';
import { fileSize, moment } from './text.ts';
import { portText } from '../../text/rule-text.ts';
import { count, figure } from '../../text/numbers.ts';

const PORTS_SHOWN = 50;

/** The counters of a rule, its ports and its peers. */
export function useOf(rule: PageRule): Node[] {
  return [
    el('h3', {}, 'Counters'),
    ...counters(rule),
    el('h3', {}, 'Ports'),
    ...ports(rule),
    el('h3', {}, 'Peers'),
    ...peers(rule),
  ];
}

function counters(rule: PageRule): Node[] {
  const { usedTimes, soleTimes, primaryTimes, inferredTimes, replyTimes, possibleTimes, untrackedReplies } = rule;
  const { packets, bytes, lastUsed, lastPossible } = rule;
  const lines = [
    ['Used', figure(usedTimes), 'requests that it admitted'],
    ['Sole', figure(soleTimes), 'requests that no other rule admitted'],
    ['Primary', figure(primaryTimes), 'requests of which it is the most specific rule'],
    ['Inferred', figure(inferredTimes), 'requests that no SYN proves: taken for one by ports and rules'],
    ['Replies', figure(replyTimes), 'replies to connections that it admitted'],
    ['Possible', figure(possibleTimes), 'records that it may have admitted'],
    ['Untracked replies', figure(untrackedReplies), 'replies of the other direction that pass by it'],
    ['Packets', figure(packets), ''],
    ['Bytes', fileSize(bytes), ''],
    ['Last used', lastUsed === null ? 'never seen' : moment(lastUsed), 'on any day read'],
    ['Last possible use', lastPossible === null ? 'never seen' : moment(lastPossible), ''],
  ];
  const columns = [{ title: 'Counter' }, { title: 'Records', numeric: true }, { title: 'Meaning' }];
  return [
    el(
      'p',
      { class: 'muted' },
      'Times are numbers of log records, so they depend on the aggregation interval of the flow logs.',
    ),
    el('div', { class: 'table-holder' }, plainTable('Counters', columns, lines)),
  ];
}

function ports({ ports }: PageRule): Node[] {
  if (ports.length === 0) return [el('p', {}, 'None seen.')];
  const sorted = [...ports].sort((a, b) => b.usedTimes - a.usedTimes).slice(0, PORTS_SHOWN);
  const most = Math.max(1, sorted[0]!.usedTimes);
  const lines = sorted.map(({ protocol, fromPort, toPort, usedTimes, replyTimes }) => [
    fromPort === null ? protocol : `${protocol} ${portText(fromPort, toPort ?? fromPort)}`,
    el('span', {}, bar(usedTimes / most), figure(usedTimes)),
    figure(replyTimes),
  ]);
  const columns = [{ title: 'Service' }, { title: 'Used', numeric: true }, { title: 'Replies', numeric: true }];
  return [
    el('div', { class: 'table-holder' }, plainTable('Ports', columns, lines)),
    ...(ports.length > PORTS_SHOWN
      ? [el('p', { class: 'muted' }, `The ${figure(PORTS_SHOWN)} busiest of ${figure(ports.length)}.`)]
      : []),
  ];
}

function peers({ distinctPeers, peerSample }: PageRule): Node[] {
  if (distinctPeers === 0) return [el('p', {}, 'None seen.')];
  const some = distinctPeers > peerSample.length ? ', some of them' : '';
  return [
    el('p', {}, `${count(distinctPeers, 'network')} (/24 for IPv4, /64 for IPv6)${some}:`),
    el('ul', { class: 'samples' }, ...peerSample.map((peer) => el('li', {}, name(peer)))),
  ];
}
