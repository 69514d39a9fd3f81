import { expect, test } from '@jest/globals';
import { createFunctionUrl } from '../../local/testbed/function-url.ts';

const domain = 'abc.lambda-url.us-east-1.on.aws';

// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
test('a function URL hands on the request as Lambda saw it, a body in base64, and gives back the answer', async () => {
  const events: unknown[] = [];
  const fetchUrl = createFunctionUrl(
    async (event) => {
      events.push(event);
      return { statusCode: 201, headers: { 'x-answer': 'yes' }, body: 'made' };
    },
    { domain, sourceIp: '203.0.113.7' },
  );
  const answer = await fetchUrl(`https://${domain}/a/b?c=d`, {
    method: 'POST',
    body: new URLSearchParams({ e: 'f' }),
    headers: { 'X-One': '1' },
  });
  expect([answer.status, answer.headers.get('x-answer'), await answer.text()]).toEqual([201, 'yes', 'made']);
  await fetchUrl(`https://${domain}/`);
  expect(events).toMatchObject([
    {
      rawPath: '/a/b',
      rawQueryString: 'c=d',
      headers: { 'x-one': '1', 'content-type': expect.stringContaining('application/x-www-form-urlencoded') },
      requestContext: { domainName: domain, http: { method: 'POST', path: '/a/b', sourceIp: '203.0.113.7' } },
      body: Buffer.from('e=f').toString('base64'),
      isBase64Encoded: true,
    },
    { rawPath: '/', requestContext: { http: { method: 'GET' } }, isBase64Encoded: false },
  ]);
  expect(events[1]).not.toHaveProperty('body');
});

test('a function URL serves its own domain alone', async () => {
  const fetchUrl = createFunctionUrl(async () => ({ statusCode: 200, headers: {}, body: '' }), { domain, sourceIp: '203.0.113.7' });
  await expect(fetchUrl('https://elsewhere.example/')).rejects.toThrow('elsewhere.example');
});
