// What the transports over plain HTTP have in common.

import type {ReadMessage} from './transport';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of a success that is not JSON. */
  readonly message?: ReadMessage;
}

/**
 * How every request of ours is sent. Its body is text/plain, so that a page of
 * another origin needs no preflight, unless there is a token.
 */
export function postOptions(
    body: string, signal: AbortSignal, token?: string): RequestInit {
  return {
    method: 'POST', body, cache: 'no-store', signal,
    ...(token && {headers: {Authorization: `Bearer ${token}`}}),
  };
}

/**
 * POSTs `body`. `done` is called once, without an answer if the gateway was not
 * reached or broke off. Returns what abandons the request: then `done` is not
 * called.
 */
export type Post =
    (url: string, body: string, done: (answer: Answer|undefined) => void,
     token?: string) => () => void;

/** By XMLHttpRequest where there is no fetch. */
export const post: Post = (url, body, done, token) =>
    typeof fetch === 'function' ? postByFetch(url, body, done, token) :
                                  postByXhr(url, body, done, token);

export const readText = async (response: Response): Promise<Answer> =>
    ({status: response.status, text: await response.text()});

export function postByFetch(
    url: string, body: string, done: (answer: Answer|undefined) => void,
    token?: string, read = readText): () => void {
  const abort = new AbortController();
  void fetch(url, postOptions(body, abort.signal, token))
      .then(read)
      .catch(() => undefined)
      .then((answer) => {
        if (!abort.signal.aborted) done(answer);
      });
  return () => abort.abort();
}

function postByXhr(
    url: string, body: string, done: (answer: Answer|undefined) => void,
    token?: string): () => void {
  const request = new XMLHttpRequest();
  request.open('POST', url);
  authorize(request, token);
  request.onload = () =>
      done({status: request.status, text: request.responseText});
  request.onerror = request.ontimeout = () => done(undefined);
  request.send(body);
  return () => {
    request.onload = request.onerror = request.ontimeout = null;
    request.abort();
  };
}

/** To be called between open() and send(). */
export function authorize(request: XMLHttpRequest, token?: string): void {
  if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
}

/** Before the error that says what is wrong with a request. */
const faultyRequest = 'refused with status 400: ';

/** That error, out of the reason why a link was closed; else ''. */
export const errorIn = (reason: string) => reason.split(faultyRequest)[1] ?? '';

/** Why it failed: the gateway says so in the body. */
export function refusal(answer: Answer|undefined): string {
  if (!answer) return 'the gateway cannot be reached';
  const {status, text} = answer;
  return `refused with status ${status}: ${text.slice(0, 300)}`;
}
