import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createPost, fetchPinned } from '../../../shared/aws/https.ts';
import type { Timer } from '../../../shared/ports/deadline.ts';
import type { Answer } from '../../../shared/ports/post.ts';
import { cert, key } from '../../certificate.ts';

type Got = { url: string; method: string | undefined; headers: Record<string, unknown>; body: string };

/**
 * A server by HTTPS for one test file, with a certificate for shop.example.com, which `answer` answers for; without an answer, it is silent.
 * `post` sends as a deployment does, where this server counts as public and `at` says what is asked of it in which name.
 */
export const createReceiver = () => {
  const got: Got[] = [];
  const receiver = {
    got,
    port: 0,
    answer: (_: Got): Answer | null => ({ status: 204, body: '' }),
    post: ({
      addresses = ['127.0.0.1'],
      timer,
      at = (url: URL) => url,
    }: {
      addresses?: string[];
      timer?: Timer | undefined;
      at?: (url: URL) => URL;
    } = {}) => {
      const fetch = fetchPinned({ timer, ca: cert, timeout: 5000 });
      return createPost({
        resolve: async () => addresses,
        fetch: (url, address, sent) => fetch(at(url), address, sent),
        ...(addresses[0] === '127.0.0.1' ? { isAllowed: (address) => address === '127.0.0.1' } : {}),
      });
    },
  };
  const server = createServer({ cert, key }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const one = { url: request.url ?? '', method: request.method, headers: request.headers, body };
      got.push(one);
      const answer = receiver.answer(one);
      if (answer) response.writeHead(answer.status, { location: 'https://shop.example.com/elsewhere' }).end(answer.body);
    });
  });
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    receiver.port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    got.length = 0;
  });
  return receiver;
};
