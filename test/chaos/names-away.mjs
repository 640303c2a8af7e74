// Loaded into the bot before everything else (`node --import`): while the file NAMES_AWAY exists, no name is resolved, so nothing
// that is not connected yet can be; what is connected stays so. Names stand here for addresses: everything of a test is on 127.0.0.1.
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';

const FLAG = process.env['NAMES_AWAY'] ?? '';
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...to) {
  if (!existsSync(FLAG)) return connect.apply(this, to);
  const failure = { code: 'EAI_AGAIN', errno: -3001, syscall: 'getaddrinfo', hostname: 'some.test' };
  this.connecting = true;
  process.nextTick(() => this.destroy(Object.assign(new Error('getaddrinfo EAI_AGAIN some.test'), failure)));
  return this;
};
