// Numbers and times as a trader reads them. An empty value is a dash.

import type {Description, Value} from '../src/index';

export const dash = '–';

/** How the fields of the dictionary (docs/protocol.md) are written. */
export type Kind = 'price'|'quantity'|'change'|'percent'|'time'|'text';

export function kindOf(field: string): Kind {
  if (field === 'change' || field === 'percent') return field;
  if (field === 'volume' || field.endsWith('_size')) return 'quantity';
  if (field.endsWith('_time')) return 'time';
  return field === 'trading' ? 'text' : 'price';
}

const quantityFormats = new Map<number, Intl.NumberFormat>();

function quantity(value: number, digits: number): string {
  let format = quantityFormats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(undefined, {
      maximumFractionDigits: digits,
    });
    quantityFormats.set(digits, format);
  }
  return format.format(value);
}

export function formatValue(
    kind: Kind, value: Value|undefined, description: Description): string {
  if (value === null || value === undefined) return dash;
  if (typeof value === 'string') return value;
  const decimals = description.decimals ?? 2;
  switch (kind) {
    case 'price':
      return value.toFixed(decimals);
    case 'change':
      return signed(value, decimals);
    case 'percent':
      return `${signed(value, 2)} %`;
    case 'quantity':
      return quantity(value, description.quantity_decimals ?? 0);
    case 'time':
      return formatTime(value / 1000);
    case 'text':
      return String(value);
  }
}

/** With its sign; zero has none. */
export function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  hourCycle: 'h23',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** In the viewer's locale and zone, with milliseconds. */
export function formatTime(ms: number): string {
  return timeFormat.format(ms);
}

/** At most six characters wide. */
export function formatAge(ms: number|undefined): string {
  if (ms === undefined) return dash;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const steps = [['s', 1], ['min', 60], ['h', 3600]] as const;
  for (const [unit, size] of steps) {
    if (seconds / size < 99.5) return `${(seconds / size).toFixed(0)} ${unit}`;
  }
  return `${(seconds / 86_400).toFixed(0)} d`;
}

/** Of a latency in microseconds: two digits and a unit. */
export function formatDuration(us: number): string {
  const [unit, size] = us < 999.5 ? ['µs', 1] :
      us < 999.5e3                ? ['ms', 1e3] :
                                    ['s', 1e6];
  const value = us / size;
  return `${value.toFixed(value < 9.95 ? 1 : 0)} ${unit}`;
}

/** Two of them; a unit that they share is there once. */
export function formatDurations(us: number, otherUs: number): string {
  const [value, unit] = formatDuration(us).split(' ');
  const other = formatDuration(otherUs);
  return other.endsWith(` ${unit}`) ? `${value}/${other}` :
                                      `${value} ${unit}/${other}`;
}
