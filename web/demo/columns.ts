// The columns of the quotes table: which fields, how wide, how labelled.

import {type Kind, kindOf} from './format';

export interface Column {
  readonly field: string;
  readonly label: string;
  readonly kind: Kind;
  /** In characters of the numerals; a column grows for what is longer. */
  readonly width: number;
  /** Flashes when it moves. */
  readonly moves: boolean;
  readonly className: string;
}

const labels: Readonly<Record<string, string>> = {
  bid_size: 'Bid size',
  bid: 'Bid',
  ask: 'Ask',
  ask_size: 'Ask size',
  last: 'Last',
  last_size: 'Last size',
  change: 'Change',
  percent: '%',
  high: 'High',
  low: 'Low',
  volume: 'Volume',
};

const defaultFields = [
  'bid_size', 'bid', 'ask', 'ask_size', 'last', 'change', 'percent', 'high',
  'low', 'volume',
];

const widths: Readonly<Record<Kind, number>> =
    {price: 11.8, quantity: 13, change: 10, percent: 9, time: 16, text: 9};

function column(field: string): Column {
  const kind = kindOf(field);
  const secondary = /^(high|low|open|prev_close)$/.test(field);
  const width = field === 'volume' ? 15 : secondary ? 10 : widths[kind];
  const moves = kind === 'price' && !secondary || /_size$/.test(field);
  return {
    field,
    label: labels[field] ?? field.replaceAll('_', ' '),
    kind,
    width,
    moves,
    className: `${kind} ${field}${moves ? ' moves' : ''}`,
  };
}

/** `fields` as of the page's query; undefined: the usual ones. */
export function columnsFor(fields: readonly string[]|undefined): Column[] {
  // Trading has a column of its own.
  return (fields ?? defaultFields)
      .filter((field) => field !== 'trading')
      .map(column);
}

/** What to subscribe to in order to fill `columns`. */
export function fieldsFor(columns: readonly Column[]): string[] {
  const fields = new Set(columns.map(({field}) => field));
  // The percentage is of our own making.
  if (fields.delete('percent')) fields.add('change').add('prev_close');
  return [...fields, 'trading'];
}
