import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksSealed, sealOf } from '../../../src/domain/text/seal.ts';

const secret = Buffer.alloc(32, 7);
const seal = sealOf(secret, 'T1');
const anyText = fc.string({ unit: 'grapheme', maxLength: 300 });

describe('a sealed text', () => {
  it('comes back as it went, and is the same token each time', () => {
    fc.assert(
      fc.property(anyText, fc.string(), (text, purpose) => {
        const token = seal.close(text, purpose);
        expect(seal.open(token, purpose)).toBe(text);
        expect(sealOf(secret, 'T1').close(text, purpose)).toBe(token);
        expect(looksSealed(token)).toBe(true);
        expect(token).toMatch(/^1\.[\w-]+$/);
      }),
    );
  });

  it('shows nothing of what it holds', () => {
    const text = '{"promotion":"shop-1234","digest":"aaaa"}';
    const token = seal.close(text, 'approve');
    for (const part of ['shop', 'promotion', Buffer.from(text).toString('base64url').slice(0, 12)])
      expect(token).not.toContain(part);
    const other = seal.close(text.replace('1234', '1235'), 'approve');
    expect(other.slice(2, 24)).not.toBe(token.slice(2, 24));
  });

  it('opens only with the same secret, workspace and purpose', () => {
    const token = seal.close('text', 'approve');
    expect(seal.open(token, 'rollback')).toBeNull();
    expect(sealOf(secret, 'T2').open(token, 'approve')).toBeNull();
    expect(sealOf(Buffer.alloc(32, 8), 'T1').open(token, 'approve')).toBeNull();
    // Workspace and purpose do not run into each other.
    expect(sealOf(secret, 'T1a').open(sealOf(secret, 'T1').close('x', 'ab'), 'b')).toBeNull();
  });

  it('does not open once a single bit of it is changed, or its spelling', () => {
    const token = seal.close('{"promotion":"shop-1"}', 'approve');
    const bytes = Buffer.from(token.slice(2), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(seal.open(`1.${changed.toString('base64url')}`, 'approve')).toBeNull();
    }
    for (const other of [
      `${token}=`,
      `${token}A`,
      ` ${token}`,
      token.slice(0, -1),
      token.slice(2),
      `2${token.slice(1)}`,
    ])
      expect(seal.open(other, 'approve')).toBeNull();
  });

  it.each(['', '1.', '1.AAAA', 'approve', '{"promotion":"shop-1"}', '1.💥', `1.${'A'.repeat(3_000)}`])(
    'does not take %j for one',
    (text) => {
      expect(seal.open(text, 'approve')).toBeNull();
    },
  );
});
