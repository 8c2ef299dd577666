// What a browser does to a page: shows it again, freezes it, keeps it for going
// back, loses the network. Workers have less of this, Node nothing.

import type {Line} from './line';

type Target = Pick<EventTarget, 'addEventListener'|'removeEventListener'>;

/** Passes it on to `line`. Returns what ends that. */
export function watchPage(line: Line): () => void {
  const ends: (() => void)[] = [];
  const on = (
      target: Target|undefined, name: string, act: (event: Event) => void) => {
    if (typeof target?.addEventListener !== 'function') return;
    target.addEventListener(name, act);
    ends.push(() => target.removeEventListener(name, act));
  };
  const page = globalThis as Partial<typeof globalThis>;
  const doc = page.document;
  const {connection} = (page.navigator ?? {}) as {connection?: Target};
  on(page as Target, 'online', () => line.networkChanged('online again'));
  // What is open may still work: a gateway of this machine, for one.
  on(page as Target, 'offline', () => line.wake());
  on(connection, 'change', () => line.networkChanged('another network'));
  on(doc, 'visibilitychange', () => {
    if (doc?.visibilityState === 'visible') line.wake();
  });
  // A page that holds a connection is not kept for going back, and one that
  // is frozen does not read it.
  on(doc, 'freeze', () => line.suspend('the page is frozen'));
  on(doc, 'resume', () => line.resume('the page goes on'));
  if (doc) {
    on(page as Target, 'pagehide', () => line.suspend('the page was left'));
    on(page as Target, 'pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) {
        line.resume('the page is back');
      }
    });
  }
  return () => {
    for (const end of ends) end();
  };
}
