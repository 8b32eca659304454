/** Which addresses a load balancer's name may lead to: the HTTP checker connects to nothing else. */
import { BlockList, isIP } from 'node:net';

/** Never a load balancer's: this machine, its link (169.254.169.254 gives out credentials), nobody's, everybody's. */
const NEVER: Ranges = {
  ipv4: [
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['224.0.0.0', 3],
  ],
  ipv6: [
    // Unspecified, loopback, and IPv4 in the clothes of IPv6: mapped, translated, 6to4, Teredo.
    ['::', 96],
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['2002::', 16],
    ['2001::', 32],
    ['fe80::', 10],
    ['ff00::', 8],
    // What an instance has for itself: metadata, DNS, time.
    ['fd00:ec2::', 32],
  ],
};

/** Reached only from inside a network. */
const PRIVATE: Ranges = {
  ipv4: [
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ],
  ipv6: [['fc00::', 7]],
};

type Family = 'ipv4' | 'ipv6';
type Ranges = Readonly<Record<Family, readonly (readonly [address: string, prefix: number])[]>>;

/** A list per family: Node counts every IPv4 address as one of the mapped range. */
const isNever = memberOf(NEVER);
const isPrivate = memberOf(PRIVATE);

/**
 * @param address as resolved; names are refused
 * @param isInternal whether the load balancer is one of the network's inside
 * @returns why it is not connected to; undefined if it may be
 */
export function refusedAddress(address: string, isInternal: boolean): string | undefined {
  const version = isIP(address);
  if (version === 0) return `${address} is no address`;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (isNever(address, family)) return `${address} is no load balancer's address`;
  if (isPrivate(address, family) && !isInternal)
    return `${address} is private, but the load balancer faces the internet`;
  return undefined;
}

function memberOf(ranges: Ranges): (address: string, family: Family) => boolean {
  const listOf = (family: Family): BlockList => {
    const list = new BlockList();
    for (const [address, prefix] of ranges[family]) list.addSubnet(address, prefix, family);
    return list;
  };
  const lists = { ipv4: listOf('ipv4'), ipv6: listOf('ipv6') };
  return (address, family) => lists[family].check(address, family);
}
