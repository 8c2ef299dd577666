// Which symbols to show when the address does not say.

import {get} from './get';

const preferred = ['AAPL', 'MSFT', 'VOD.L', 'EUR/USD', 'BTC-USD', 'ESH4'];
const rows = 12;

/** Known symbols in alphabetical order. */
export async function knownSymbols(limit: number): Promise<string[]> {
  const answer = await get<{symbols: Record<string, unknown>}>(
      `v1/symbols?limit=${limit}`);
  return Object.keys(answer.symbols);
}

/** The well-known ones that this gateway has, then others of its symbols. */
export async function defaultSymbols(): Promise<string[]> {
  const names = preferred.map(encodeURIComponent).join();
  const [known, answer] = await Promise.all([
    knownSymbols(rows),
    get<{unknown?: string[]}>(`v1/quotes?symbols=${names}&fields=bid`),
  ]);
  const missing = new Set(answer.unknown);
  const first = preferred.filter((symbol) => !missing.has(symbol));
  return [...new Set([...first, ...known])].slice(0, rows);
}
