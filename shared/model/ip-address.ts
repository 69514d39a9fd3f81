import { BlockList, isIP } from 'node:net';
import { once } from './once.ts';

/** Not public, or not of one network alone. https://www.iana.org/assignments/iana-ipv4-special-registry */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/**
 * Global unicast: all else is private, link-local, multicast, mapped or translated IPv4, or not assigned.
 * https://www.iana.org/assignments/ipv6-address-space
 */
const global6 = '2000::/3';
/** Of these, 6to4 and Teredo lead to IPv4 addresses. https://www.iana.org/assignments/iana-ipv6-special-registry */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** The networks of a list in CIDR notation; null if one of them is none. */
export const networksOf = (cidrs: readonly string[]): BlockList | null => {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [, address = '', bits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return null;
    list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
};

const listOf = (cidrs: readonly string[]): BlockList => networksOf(cidrs) as BlockList;
/** Most functions that load this ask of no address. */
const lists = once(() => ({ blocked4: listOf(special4), blocked6: listOf(special6), allowed6: listOf([global6]) }));

/** Whether an address is in one of the networks. */
export const isWithin = (address: string, networks: BlockList): boolean => {
  const version = address.includes('%') ? 0 : isIP(address);
  // A list takes an IPv6 address that maps an IPv4 one for that one, which an address here must not be.
  if (version === 6 && /^::ffff:/i.test(address)) return false;
  return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
};

/** Whether an IPv4 or IPv6 address is a public one. */
export const isPublicAddress = (address: string): boolean => {
  switch (address.includes('%') ? 0 : isIP(address)) {
    case 4:
      return !lists().blocked4.check(address, 'ipv4');
    case 6:
      return lists().allowed6.check(address, 'ipv6') && !lists().blocked6.check(address, 'ipv6');
    default:
      return false;
  }
};
