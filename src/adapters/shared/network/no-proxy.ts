import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** `shop.corp:8443`, `[::1]:8443`, and the same without a port. */
const ENTRY = /^(?:\[([\da-f:.]+)\]|([^:]+)|([\da-f:.]+(?:\/\d{1,3})?))(?::(\d{1,5}))?$/i;

/**
 * Whether an address is asked without a proxy by such a list, as NO_PROXY holds it: names with everything below
 * them, addresses and networks of IP, each also for one port only, or `*` for everything. Separated by commas or
 * spaces. Names are not looked up.
 */
export function isExempt(url: URL, list: string): boolean {
  const port = url.port || (/^(?:https|wss):$/.test(url.protocol) ? '443' : '80');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return list.split(/[\s,]+/).some((entry) => entry !== '' && covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const bare = entry.replace(/^[a-z]+:\/\//i, '').replace(/^(.*[^/\d])\/+$/, '$1');
  const isBareIpv6 = isIP(bare.split('/')[0] ?? '') === 6;
  const [, inBrackets, name, , onPort] = isBareIpv6 ? [] : (ENTRY.exec(bare) ?? []);
  if (onPort !== undefined && onPort !== port) return false;
  const wanted = isBareIpv6 ? bare : (inBrackets ?? name ?? '');
  if (wanted === '') return false;
  if (isIP(host) !== 0) return holds(wanted, host);
  const domain = domainToASCII(wanted.replace(/^\*?\./, '').replace(/\.$/, '')).toLowerCase();
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

/** Whether an IP address is in a network such as `10.0.0.0/8`, or is that very address. */
function holds(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base);
  if (family === 0) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined || !/^\d{1,3}$/.test(bits) ? most : Number(bits);
  if (prefix > most) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, type);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
