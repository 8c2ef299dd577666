// Which symbols to show when the address does not say.

const preferred = ['AAPL', 'MSFT', 'VOD.L', 'EUR/USD', 'BTC-USD', 'ESH4'];
const rows = 12;

/** By what even browsers without fetch have. */
function get<T>(path: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', path);
    request.responseType = 'json';
    request.onload = () => {
      if (request.status === 200) {
        resolve(request.response as T);
      } else {
        reject(new Error(`${path}: status ${request.status}`));
      }
    };
    request.onerror = () => reject(new Error(`${path}: not reached`));
    request.send();
  });
}

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
