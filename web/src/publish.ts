// Publishing: what is asked, and how that goes where no WebSocket is. Nothing
// is ever sent twice: where the answer is missing only the page can know what
// it wants to do about that.

import {parseMessage, type ServerMessage} from './protocol';
import {type Answer, post} from './transports/http';

export interface PublishRequest {
  readonly type: 'publish';
  readonly id?: number;
  readonly topic: string;
  readonly data: unknown;
}

/** An error as onError tells it. */
export function fault(code: string, reason: string, key?: string): Error {
  return Object.assign(new Error(reason), {code, reason, key});
}

/** The sequence in the answer; throws what else it is. */
export function sequenceIn(answer: ServerMessage|undefined): number {
  if (answer?.type === 'ack' && answer.seq) return answer.seq;
  if (answer?.type === 'error') {
    throw fault(answer.code, answer.reason, answer.key);
  }
  throw fault('no_answer', 'no answer: published or not');
}

export async function publishByPost(
    server: string, request: PublishRequest,
    token: string|undefined): Promise<number> {
  const url = new URL('v1/publish', server).href;
  const answer = await new Promise<Answer|undefined>((resolve) => {
    post(url, JSON.stringify(request), resolve, token);
  });
  let first: ServerMessage|undefined;
  try {
    [first] = parseMessage(answer?.text ?? '').flat();
  } catch {
    // Something on the way answered.
  }
  return sequenceIn(first);
}
