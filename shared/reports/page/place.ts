import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { NO_FILTER, SORT_KEYS, type Filter, type Sort } from './rows.ts';

export const VIEWS = ['overview', 'rules', 'plan', 'findings', 'maps', 'rejected', 'quality'] as const;
export type View = (typeof VIEWS)[number];

/** Where in the page one is; all of it is in the address, so that every place can be linked to. */
export interface Place {
  readonly view: View;
  readonly filter: Filter;
  /** Null for the order that the page chooses. */
  readonly sort: Sort | null;
  /** Counted from 1. */
  readonly page: number;
  /** The rule whose detail is open. */
  readonly ruleId: string | null;
}

/** Reads `#rules?verdict=stale&sort=used&rule=sgr-…`. What makes no sense is as if it were not there. */
export function parsePlace(hash: string): Place {
  const [name, query] = splitOnce(hash.replace(/^#/, ''), '?');
  const parameters = new URLSearchParams(query);
  const read = (key: string): string => parameters.get(key) ?? '';
  const [sortKey = '', order = ''] = read('sort').split('.');
  const key = SORT_KEYS.find((known) => known === sortKey);
  const page = Number(read('page'));
  return {
    view: VIEWS.find((known) => known === name) ?? 'overview',
    filter: {
      text: read('q'),
      verdict: VERDICT_KINDS.find((known) => known === read('verdict')) ?? '',
      groupId: read('group'),
      owner: read('owner'),
      direction: read('direction'),
      protocol: read('protocol'),
      wentQuiet: parameters.has('quiet'),
      tooWide: parameters.has('wide'),
    },
    sort: key ? { key, descending: order === 'desc' } : null,
    page: Number.isSafeInteger(page) && page > 1 ? page : 1,
    ruleId: parameters.get('rule'),
  };
}

export function placeHash({ view, filter = NO_FILTER, sort = null, page = 1, ruleId = null }: PlaceInput): string {
  const { text, verdict, groupId, owner, direction, protocol, wentQuiet, tooWide } = filter;
  const entries = {
    q: text,
    verdict,
    group: groupId,
    owner,
    direction,
    protocol,
    quiet: wentQuiet ? '1' : '',
    wide: tooWide ? '1' : '',
    sort: sort === null ? '' : `${sort.key}.${sort.descending ? 'desc' : 'asc'}`,
    page: page === 1 ? '' : String(page),
    rule: ruleId ?? '',
  };
  const parameters = new URLSearchParams(Object.entries(entries).filter(([, value]) => value !== ''));
  return `#${view}${parameters.size === 0 ? '' : `?${parameters.toString()}`}`;
}

type PlaceInput = Pick<Place, 'view'> & Partial<Place>;

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
