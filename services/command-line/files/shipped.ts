import { join } from 'node:path';

/** A package has the program bundled, all that comes with it beside the bundle; a checkout has sources, in their folders. */
export const PACKAGED = !import.meta.filename.endsWith('.ts');

const place = (inPackage: string, inCheckout: string): string =>
  join(import.meta.dirname, PACKAGED ? inPackage : inCheckout);

/** A small shop: `inventory/`, `logs/` and `weeks-before/`. */
export const SAMPLE = place('sample', '../sample');
/** What a thread of `analyze` runs. */
export const ANALYZE_THREAD = place('analyze-thread.js', '../commands/analyze/analyze-thread.ts');
/** The script of the page; in packages alone. */
export const PAGE_SCRIPT = join(import.meta.dirname, 'page.js');
