import { compareText } from '../../text/compare.ts';
import { codeBlocks, type CodeBlock } from './code-blocks.ts';
import { jsonBlocks } from './json-blocks.ts';
import type { StateResource, TerraformState } from './state.ts';

/** Where something stands in the code. */
export interface CodePlace {
  /** As it was given, with `/`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

interface PlacedBlock extends CodeBlock {
  readonly file: string;
}

/** Where a resource is written, and which call of a module brings it about. */
export interface ResourceCode {
  readonly block: CodePlace;
  /** Names of what is in the block, with their lines. */
  readonly inside: CodeBlock['inside'];
  /** The call of its module, the innermost; undefined in the root. */
  readonly call: CodePlace | undefined;
  /** Whether that call, without keys, is the only one of the module's code. */
  readonly isSoleCall: boolean;
}

/** Code of Terraform at hand: roots and modules, by folder. */
export class TerraformCode {
  readonly #folders = new Map<string, PlacedBlock[]>();
  readonly #calls = new Map<string, number>();

  /** @param files by their paths with `/`, of `.tf` and `.tf.json` files; of whatever folders */
  constructor(files: ReadonlyMap<string, string>) {
    for (const [file, text] of files) {
      const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
      const blocks = this.#folders.get(folder) ?? [];
      this.#folders.set(folder, blocks);
      const found = file.endsWith('.json') ? jsonBlocks(text) : codeBlocks(text);
      for (const block of found) blocks.push({ ...block, file });
    }
    for (const [folder, blocks] of this.#folders) {
      for (const { kind, source } of blocks) {
        const target = kind === 'module' ? localFolder(folder, source) : undefined;
        if (target !== undefined) this.#calls.set(target, (this.#calls.get(target) ?? 0) + 1);
      }
    }
  }

  /**
   * The folder from which the state was made: the one where most of its resources are found.
   *
   * @returns several where that is not decided, none where no folder has any
   */
  rootsOf({ resources }: TerraformState): string[] {
    // Instances of one resource are found where one of them is.
    const written = [...new Map(resources.map((one) => [withoutKeys(one.address), one])).values()];
    const scores = [...this.#folders.keys()].map((root) => {
      const found = written.filter((one) => {
        const [call] = callsOf(one.module);
        return call === undefined ? this.#resource(root, one) : this.#module(root, call);
      });
      return { root, score: found.length };
    });
    const best = Math.max(0, ...scores.map(({ score }) => score));
    return best === 0 ? [] : scores.flatMap(({ root, score }) => (score === best ? root : [])).sort(compareText);
  }

  /** Undefined where the code does not hold it: a call of a module that lies elsewhere still has its place. */
  find(root: string, resource: StateResource): ResourceCode | { readonly call: CodePlace } | undefined {
    let folder = root;
    let call: PlacedBlock | undefined;
    for (const name of callsOf(resource.module)) {
      call = this.#module(folder, name);
      if (!call) return undefined;
      const target = localFolder(folder, call.source);
      if (target === undefined || !this.#folders.has(target)) return { call: placeOf(call) };
      folder = target;
    }
    const block = this.#resource(folder, resource);
    if (!block) return call && { call: placeOf(call) };
    const isSoleCall = (this.#calls.get(folder) ?? 0) <= 1 && !resource.module.includes('[');
    return { block: placeOf(block), inside: block.inside, call: call && placeOf(call), isSoleCall };
  }

  #resource(folder: string, { values, name }: StateResource): PlacedBlock | undefined {
    return this.#folders
      .get(folder)
      ?.find(({ kind, labels }) => kind === 'resource' && labels[0] === values.type && labels[1] === name);
  }

  #module(folder: string, name: string): PlacedBlock | undefined {
    return this.#folders.get(folder)?.find(({ kind, labels }) => kind === 'module' && labels[0] === name);
  }
}

function placeOf({ file, line }: PlacedBlock): CodePlace {
  return { file, line };
}

/** The names of the calls in an address of a module, outermost first: of `module.net["a.b"].module.web[0]`, net and web. */
function callsOf(module: string): string[] {
  return withoutKeys(module)
    .split('.')
    .filter((_, i) => i % 2 === 1);
}

/** An address without the keys of `for_each` and `count`. Quotes in keys are escaped with a backslash. */
export function withoutKeys(address: string): string {
  return address.replace(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, '');
}

/** Undefined for a source that is no folder nearby. https://developer.hashicorp.com/terraform/language/modules/sources */
function localFolder(folder: string, source: string | undefined): string | undefined {
  if (source === undefined || !/^\.\.?(?:\/|$)/.test(source)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of source.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
