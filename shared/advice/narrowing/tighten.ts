import { bitsOf, type Prefix } from '../../addresses/address.ts';
import { compareText } from '../../text/compare.ts';
import { boxOfBoth, type Box } from './cut-points.ts';
import { byPlace, holds } from '../../addresses/prefixes.ts';

/** Up to so many boxes every way to put them together is tried: 203 ways. */
const EXACT = 6;
/** More than so many are put together roughly first. */
const CAREFUL = 48;

/**
 * At most `most` boxes that hold all those given, and as little else as can be found: the least for up to six boxes;
 * beyond that, the two whose common box adds least are put together until few enough are left. Undefined if there
 * are more kinds than boxes allowed.
 */
export function tighten(boxes: readonly Box[], most: number): Box[] | undefined {
  const byKind = Map.groupBy(boxes, ({ kind }) => kind);
  const kinds = [...byKind].sort(([a], [b]) => compareText(a, b)).map(([, ofOne]) => ofOne);
  if (kinds.length === 0 || kinds.length > most) return undefined;
  const each = Math.max(EXACT, Math.floor(CAREFUL / kinds.length));
  const all = withoutHeld(kinds.flatMap((ofOne) => rough(ofOne, each)));
  const few = all.length > EXACT ? merged(all, Math.max(EXACT, most)) : all;
  return few.length > EXACT ? few : least(few, most);
}

/** Addresses × ports that the boxes hold, each point once. Protocols are counted apart. */
export function volumeOf(boxes: readonly Box[]): number {
  let sum = 0;
  for (const ofOne of Map.groupBy(boxes, ({ protocol }) => protocol).values()) {
    const cuts = [...new Set(ofOne.flatMap(({ from, to }) => [from, to + 1]))].sort((a, b) => a - b);
    for (const [i, from] of cuts.entries()) {
      const there = ofOne.filter((box) => box.from <= from && from <= box.to);
      if (there.length > 0) sum += (cuts[i + 1]! - from) * addressesOf(there.map(({ prefix }) => prefix));
    }
  }
  return sum;
}

function addressesOf(prefixes: readonly Prefix[]): number {
  let last: Prefix | undefined;
  let sum = 0;
  for (const prefix of [...prefixes].sort(byPlace)) {
    if (last && holds(last, prefix)) continue;
    last = prefix;
    sum += addressesIn(prefix);
  }
  return sum;
}

function addressesIn({ address, length }: Prefix): number {
  return 2 ** (bitsOf(address.family === 6 ? 6 : 4) - length);
}

function volumeOfOne({ from, to, prefix }: Box): number {
  return (to - from + 1) * addressesIn(prefix);
}

function isHeld(box: Box, other: Box): boolean {
  return (
    other.protocol === box.protocol && other.from <= box.from && box.to <= other.to && holds(other.prefix, box.prefix)
  );
}

function withoutHeld(boxes: readonly Box[]): Box[] {
  return boxes.filter(
    (box, i) => !boxes.some((other, j) => i !== j && isHeld(box, other) && (!isHeld(other, box) || j < i)),
  );
}

/** Neighbours put together until at most `most` are left: of the many, those of which the common box adds least. */
function rough(boxes: readonly Box[], most: number): Box[] {
  let all = withoutTwins(boxes);
  while (all.length > most) {
    const byAddress = [...all].sort((a, b) => byPlace(a.prefix, b.prefix) || a.from - b.from);
    const byPort = [...all].sort((a, b) => a.from - b.from || byPlace(a.prefix, b.prefix));
    const joints = [byAddress, byPort]
      .flatMap((order) =>
        order.slice(1).map((box, i) => ({ pair: [order[i]!, box] as const, cost: costOf(order[i]!, box) })),
      )
      .sort((a, b) => a.cost - b.cost);
    const taken = new Set<Box>();
    const joined: Box[] = [];
    for (const { pair } of joints) {
      // At most a quarter at a time: what is put together changes who is near.
      if (joined.length >= Math.max(1, Math.min(all.length - most, all.length >> 2))) break;
      if (pair.some((box) => taken.has(box))) continue;
      for (const box of pair) taken.add(box);
      joined.push(boxOfBoth(...pair));
    }
    all = withoutTwins([...all.filter((box) => !taken.has(box)), ...joined]);
  }
  return all;
}

/** In a fixed order, so that equal points give equal boxes in whatever order they came. */
function withoutTwins(boxes: readonly Box[]): Box[] {
  const sorted = [...boxes].sort((a, b) => byPlace(a.prefix, b.prefix) || a.from - b.from || a.to - b.to);
  return sorted.filter((box, i) => {
    const before = sorted[i - 1];
    return !before || byPlace(before.prefix, box.prefix) !== 0 || before.from !== box.from || before.to !== box.to;
  });
}

/** What the common box of two holds and neither of them does. */
function costOf(a: Box, b: Box): number {
  const shared = Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from) + 1);
  const [outer, inner] = a.prefix.length < b.prefix.length ? [a.prefix, b.prefix] : [b.prefix, a.prefix];
  const overlap = holds(outer, inner) ? shared * addressesIn(inner) : 0;
  return volumeOfOne(boxOfBoth(a, b)) - volumeOfOne(a) - volumeOfOne(b) + overlap;
}

/** The box with which another one is put together most cheaply. */
interface Partner {
  readonly box: Box;
  readonly cost: number;
}

/** The cheapest pair first, until at most `most` are left and no pair costs nothing. */
function merged(boxes: readonly Box[], most: number): Box[] {
  let all = [...boxes];
  const partners = new Map(all.map((box) => [box, partnerOf(box, all)]));
  for (;;) {
    let first: Box | undefined;
    let best: Partner | undefined;
    for (const box of all) {
      const partner = partners.get(box);
      if (partner && (!best || partner.cost < best.cost)) [first, best] = [box, partner];
    }
    if (!first || !best || (all.length <= most && best.cost > 0)) return all;
    const gone = new Set([first, best.box]);
    const both = boxOfBoth(first, best.box);
    all = all.flatMap((box) => (box === first ? both : gone.has(box) ? [] : box));
    for (const box of all) {
      const partner = partners.get(box);
      if (!partner || gone.has(partner.box)) partners.set(box, partnerOf(box, all));
      else if (box.kind === both.kind) {
        const cost = costOf(box, both);
        if (cost < partner.cost) partners.set(box, { box: both, cost });
      }
    }
  }
}

function partnerOf(box: Box, others: readonly Box[]): Partner | undefined {
  let best: Partner | undefined;
  for (const other of others) {
    if (other === box || other.kind !== box.kind) continue;
    const cost = costOf(box, other);
    if (!best || cost < best.cost) best = { box: other, cost };
  }
  return best;
}

/** Of all ways to put the boxes together, the one that holds least; of equal ones, that with the fewest boxes. */
function least(boxes: readonly Box[], most: number): Box[] {
  let best: { boxes: Box[]; volume: number } | undefined;
  const place = (i: number, blocks: readonly Box[]): void => {
    const box = boxes[i];
    if (!box) {
      const volume = volumeOf(blocks);
      if (!best || volume < best.volume || (volume === best.volume && blocks.length < best.boxes.length)) {
        best = { boxes: [...blocks], volume };
      }
      return;
    }
    blocks.forEach((block, at) => {
      if (block.kind === box.kind) place(i + 1, blocks.with(at, boxOfBoth(block, box)));
    });
    if (blocks.length < most) place(i + 1, [...blocks, box]);
  };
  place(0, []);
  return best!.boxes;
}
