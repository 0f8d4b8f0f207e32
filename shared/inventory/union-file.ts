import type { FlowLog, Inventory } from './inventory.ts';

const VERSION = 1;

interface UnionFile extends Omit<Inventory, 'groups' | 'interfaces' | 'prefixLists' | 'vpcs' | 'flowLogs'> {
  readonly version: number;
  readonly groups: [string, never][];
  readonly interfaces: [string, never][];
  readonly prefixLists: [string, never][];
  readonly vpcs: [string, never][];
  /** JSON has no Infinity, and writes null. */
  readonly flowLogs?: readonly (FlowLog | (Omit<FlowLog, 'createdAt'> & { readonly createdAt: null }))[];
}

/** An inventory of several moments as one JSON document, for this version of the program to read back. */
export function unionText(union: Inventory): string {
  const { groups, interfaces, prefixLists, vpcs } = union;
  const maps = { groups: [...groups], interfaces: [...interfaces], prefixLists: [...prefixLists], vpcs: [...vpcs] };
  return JSON.stringify({ version: VERSION, ...union, ...maps });
}

/** Reads {@link unionText} back; undefined where another version of the program wrote it. */
export function readUnion(text: string): Inventory | undefined {
  const { version, groups, interfaces, prefixLists, vpcs, flowLogs, ...lists } = JSON.parse(text) as UnionFile;
  if (version !== VERSION) return undefined;
  return {
    ...lists,
    groups: new Map(groups),
    interfaces: new Map(interfaces),
    prefixLists: new Map(prefixLists),
    vpcs: new Map(vpcs),
    flowLogs: flowLogs?.map((log) => ({ ...log, createdAt: log.createdAt ?? Infinity })),
  };
}
