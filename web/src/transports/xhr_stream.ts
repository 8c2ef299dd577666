// The stream of /v1/stream where fetch() gives no pieces of a response: an
// XMLHttpRequest shows what has come so far.

import {TextLines} from '../lines';

import {authorize, refusal} from './http';
import type {Link, LinkEvents} from './transport';

/** It keeps all that ever came: past this it is replaced by a new one. */
const lengthMax = 4 << 20;

export function openXhrStream(
    url: URL, body: string, events: LinkEvents, token?: string): Link {
  const request = new XMLHttpRequest();
  const lines = new TextLines();
  let opened = false;
  let worn = false;
  let read = 0;
  const end = (reason: string) => {
    close();
    events.closed({reason});
  };
  const close = () => {
    request.onreadystatechange = request.onprogress = null;
    request.onload = request.onerror = null;
    request.abort();
  };
  const onText = () => {
    if (request.status !== 200) return;
    const {responseText} = request;
    const text = responseText.slice(read);
    read = responseText.length;
    try {
      const whole = lines.push(text);
      if (whole) events.received(whole);
    } catch (error) {
      end((error as Error).message);
    }
    if (read < lengthMax || worn) return;
    worn = true;
    events.worn();
  };
  request.onreadystatechange = () => {
    if (request.readyState !== 2 || request.status !== 200) return;
    opened = true;
    events.opened();
  };
  request.onprogress = onText;
  request.onload = () => {
    const {status, responseText: text} = request;
    onText();
    end(status === 200 ? 'the stream ended' : refusal({status, text}));
  };
  request.onerror = () =>
      end(opened ? 'the stream broke off' : refusal(undefined));
  request.open('POST', url.href);
  authorize(request, token);
  request.send(body);
  return {
    close,
  };
}
