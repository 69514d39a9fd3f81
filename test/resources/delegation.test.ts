import { describe, expect, test } from '@jest/globals';
import { withDelegation } from '../../shared/resources/delegation.ts';
import { certificate, validation } from '../remediation/examples.ts';

const misled = async (answers: Record<string, string[] | Error>, record = validation()) => {
  const { records } = await withDelegation(certificate({ records: [record] }), async (name) => {
    const found = answers[name] ?? [];
    if (found instanceof Error) throw found;
    return found;
  });
  return records[0]?.misled;
};

describe('whether DNS leads to a zone', () => {
  test('is known where all name servers are those of the zone', async () => {
    expect(await misled({ 'shop.example': ['NS-1.awsdns-01.com.'] })).toBeNull();
  });

  test.each<[string, Record<string, string[] | Error>, string]>([
    ['somebody else answers', { 'shop.example': ['ns1.elsewhere.example'] }, 'ns1.elsewhere.example'],
    ['somebody else answers as well', { 'shop.example': ['ns-1.awsdns-01.com', 'ns1.elsewhere.example'] }, 'ns1.elsewhere.example'],
    ['nobody does', {}, 'no name servers'],
    ['DNS gives no answer', { 'shop.example': new Error('queryNs ESERVFAIL shop.example') }, 'ESERVFAIL'],
  ])('is a reason for a person where %s', async (_, answers, says) => {
    expect(await misled(answers)).toContain(says);
  });

  test('is wrong where a zone lies between', async () => {
    const below = validation({ name: '_393b550374a051ba7cd4d95ec5860517.api.shop.example.' });
    const own = { 'shop.example': ['ns-1.awsdns-01.com'] };
    expect(await misled({ ...own, 'api.shop.example': ['ns-1.awsdns-01.com'] }, below)).toContain(
      'api.shop.example has name servers of its own',
    );
    expect(await misled(own, below)).toBeNull();
  });
});
