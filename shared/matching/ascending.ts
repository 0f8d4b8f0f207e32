/** All numbers of two lists that ascend, ascending, each once. One of the lists, where it has them all. */
export function union(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all = new Array<number>(a.length + b.length);
  let i = 0;
  let j = 0;
  let size = 0;
  while (i < a.length && j < b.length) {
    const one = a[i]!;
    const other = b[j]!;
    if (one <= other) i++;
    if (other <= one) j++;
    all[size++] = one < other ? one : other;
  }
  while (i < a.length) all[size++] = a[i++]!;
  while (j < b.length) all[size++] = b[j++]!;
  all.length = size;
  return all;
}

/** The numbers of the first list that are not in the second; both ascend. */
export function without(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0 || b.length === 0) return a;
  let j = 0;
  return a.filter((one) => {
    while (j < b.length && b[j]! < one) j++;
    return b[j] !== one;
  });
}
