import type { PortRange } from '../inventory/inventory.ts';

const PORTS = 65_536;

/** A class for each port: ports of one class lie in the same ranges, so that nothing which asks only for these tells them apart. */
export function portClasses(ranges: Iterable<PortRange>): Uint16Array {
  const distinct = new Map<number, PortRange>();
  for (const range of ranges) distinct.set(range.from * PORTS + range.to, range);
  const cuts = new Set([0, PORTS]);
  for (const { from, to } of distinct.values()) cuts.add(from).add(to + 1);
  const bounds = Uint32Array.from(cuts).sort();
  const placeOf = new Map([...bounds].map((port, place) => [port, place]));
  // Of the ports from one bound to the next. Each range parts those of a class that it holds from the others.
  const classes = new Uint32Array(bounds.length - 1);
  let count = 1;
  for (const { from, to } of distinct.values()) {
    const [first, end] = [placeOf.get(from)!, placeOf.get(to + 1)!];
    const inside = new Map<number, number>();
    for (let place = first; place < end; place++) {
      const known = inside.get(classes[place]!) ?? count++;
      inside.set(classes[place]!, known);
      classes[place] = known;
    }
  }
  const numbers = new Map<number, number>();
  const byPort = new Uint16Array(PORTS);
  classes.forEach((one, place) => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    byPort.fill(number, bounds[place], bounds[place + 1]);
  });
  return byPort;
}
