import { isIPv4, isIPv6 } from 'node:net';

/** An address as one number and its width in bits, or undefined where the text is no address. */
const parseAddress = (text: string): { bits: bigint; width: 32 | 128 } | undefined => {
  if (isIPv4(text)) return { bits: text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n), width: 32 };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.replace(/[\d.]+$/, (end) => (end.includes('.') ? mapped(end) : end)).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return { bits: all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n), width: 128 };
};

/** The last 32 bits of an IPv6 address, where they are written as IPv4. */
const mapped = (ipv4: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
};

const parseBlock = (block: string) => {
  const [text = '', length, ...rest] = block.split('/');
  const address = parseAddress(text);
  if (!address || rest.length > 0 || length === undefined || !/^\d{1,3}$/.test(length) || Number(length) > address.width) return undefined;
  return { ...address, ignored: BigInt(address.width - Number(length)) };
};

export const isCidr = (block: string): boolean => parseBlock(block) !== undefined;

/** Whether an address lies in a block, e.g. `10.0.0.0/24`; false where either is none. */
export const inCidr = (block: string, text: string): boolean => {
  const range = parseBlock(block);
  const address = parseAddress(text);
  return range !== undefined && range.width === address?.width && range.bits >> range.ignored === address.bits >> range.ignored;
};
