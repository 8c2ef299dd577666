import type {Transport} from './transport';

/** The document keeps all that ever came: past this it is replaced. */
const lengthMax = 2 << 20;

/**
 * A hidden frame of /v1/frame: an endless document whose scripts post every
 * message to the page. For browsers that let a page make no request of its own;
 * the gateway has to be told to open it (`script_doors`).
 */
export const frameTransport: Transport = {
  name: 'frame',
  way: 'query',
  available: () => typeof document === 'object',

  open(base, query, events) {
    const url = new URL(`v1/frame?${query}`, base);
    const frame = document.createElement('iframe');
    let opened = false;
    let length = 0;
    const onMessage = ({source, origin, data}: MessageEvent) => {
      if (source !== frame.contentWindow || origin !== url.origin) return;
      const text = String(data);
      if (!opened) events.opened();
      opened = true;
      events.received(text);
      const was = length;
      length += text.length;
      if (was < lengthMax && length >= lengthMax) events.worn();
    };
    const close = () => {
      removeEventListener('message', onMessage);
      frame.onload = null;
      frame.remove();
    };
    // An endless document is never loaded, but when it ends.
    frame.onload = () => {
      close();
      events.closed({reason: opened ? 'the frame ended' : 'refused'});
    };
    frame.hidden = true;
    // By it the gateway knows whose page it is.
    frame.referrerPolicy = 'origin';
    frame.src = url.href;
    addEventListener('message', onMessage);
    document.body.append(frame);
    return {
      close,
    };
  },
};
