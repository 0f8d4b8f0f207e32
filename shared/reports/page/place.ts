import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { GROUPINGS, type GroupBy } from './row-groups.ts';
import { NO_FILTER, SORT_KEYS, type Filter, type Sort } from './rows.ts';

export const VIEWS = ['overview', 'rules', 'plan', 'findings', 'maps', 'rejected', 'quality'] as const;
export type View = (typeof VIEWS)[number];

/** Where in the page one is; all of it is in the address, so that every place can be linked to. */
export interface Place {
  readonly view: View;
  readonly filter: Filter;
  /** Null for the order that the page chooses. */
  readonly sort: Sort | null;
  /** By what the rules are grouped; null for one table of all. */
  readonly by: GroupBy | null;
  /** Keys of the groups that are open, the last opened last. */
  readonly open: readonly string[];
  /** Counted from 1. */
  readonly page: number;
  /** The rule whose detail is open. */
  readonly ruleId: string | null;
}

/** So many groups may be open: what is drawn stays little. */
export const MOST_OPEN = 10;

/** Reads `#rules?verdict=stale&sort=used&rule=sgr-…`. What makes no sense is as if it were not there. */
export function parsePlace(hash: string): Place {
  const [name, query] = splitOnce(hash.replace(/^#/, ''), '?');
  const parameters = new URLSearchParams(query);
  const read = (key: string): string => parameters.get(key) ?? '';
  const [sortKey = '', order = ''] = read('sort').split('.');
  const key = SORT_KEYS.find((known) => known === sortKey);
  const page = Number(read('page'));
  const by = read('by');
  return {
    view: VIEWS.find((known) => known === name) ?? 'overview',
    filter: {
      text: read('q'),
      verdict: VERDICT_KINDS.find((known) => known === read('verdict')) ?? '',
      groupId: read('group'),
      owner: read('owner'),
      accountId: read('account'),
      region: read('region'),
      vpcId: read('vpc'),
      direction: read('direction'),
      protocol: read('protocol'),
      wentQuiet: parameters.has('quiet'),
      tooWide: parameters.has('wide'),
    },
    sort: key ? { key, descending: order === 'desc' } : null,
    by: isGroupBy(by) ? by : null,
    open: isGroupBy(by) ? parameters.getAll('open').slice(-MOST_OPEN) : [],
    page: Number.isSafeInteger(page) && page > 1 ? page : 1,
    ruleId: parameters.get('rule'),
  };
}

export function placeHash(place: PlaceInput): string {
  const { view, filter = NO_FILTER, sort = null, by = null, open = [], page = 1, ruleId = null } = place;
  const { text, verdict, groupId, owner, accountId, region, vpcId, direction, protocol, wentQuiet, tooWide } = filter;
  const told: readonly (readonly [key: string, value: string])[] = [
    ['q', text],
    ['verdict', verdict],
    ['group', groupId],
    ['owner', owner],
    ['account', accountId],
    ['region', region],
    ['vpc', vpcId],
    ['direction', direction],
    ['protocol', protocol],
    ['quiet', wentQuiet ? '1' : ''],
    ['wide', tooWide ? '1' : ''],
    ['sort', sort === null ? '' : `${sort.key}.${sort.descending ? 'desc' : 'asc'}`],
    ['by', by ?? ''],
    ['page', page === 1 ? '' : String(page)],
    ['rule', ruleId ?? ''],
  ];
  // The key of what nobody tells is empty.
  const opened = by === null ? [] : open.slice(-MOST_OPEN).map((key) => ['open', key] as const);
  const entries = [...told.filter(([, value]) => value !== ''), ...opened];
  const parameters = new URLSearchParams(entries.map(([key, value]) => [key, value]));
  return `#${view}${parameters.size === 0 ? '' : `?${parameters.toString()}`}`;
}

export function isGroupBy(text: string): text is GroupBy {
  return Object.hasOwn(GROUPINGS, text);
}

type PlaceInput = Pick<Place, 'view'> & Partial<Place>;

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
