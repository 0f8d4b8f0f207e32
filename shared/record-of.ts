/** The names of an object whose type tells all that it has. */
export function namesIn<N extends string>(object: Readonly<Record<N, unknown>>): readonly N[] {
  return Object.keys(object) as N[];
}

/** An object with one value for each of the names, in their order. */
export function recordOf<N extends string, V>(names: readonly N[], valueOf: (name: N) => V): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<N, V>;
}
