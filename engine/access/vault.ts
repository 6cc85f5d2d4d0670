import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bug } from '#kit/errors.ts';

/**
 * Secrets that must be read again, unlike passwords: sealed with AES-256-GCM under a key that is not in the database, so that a
 * backup or a copy of the base alone opens none. Who has the machine has both.
 */
export interface Vault {
  /** Seals a secret for one use (`about`): moved to another row it opens nothing. */
  seal(secret: Buffer, about: string): Buffer;
  /** The secret; null where it was sealed under another key or for another use. */
  open(sealed: Buffer, about: string): Buffer | null;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The vault of a data folder. `PERIGON_SECRET` gives the key instead, the same one to several servers with folders of their own. */
export function openVault(dataFolder: string, given: string | undefined = process.env['PERIGON_SECRET']): Vault {
  if (given !== undefined && given.length < 32) throw bug('PERIGON_SECRET is too short: give at least 32 random characters.');
  let held: Buffer | undefined;
  const key = (): Buffer => {
    held ??= Buffer.from(hkdfSync('sha256', given ?? keyOf(dataFolder), 'perigon', 'sign-in', 32));
    return held;
  };
  return {
    seal(secret, about) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key(), iv).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open(sealed, about) {
      const by = key();
      try {
        const decipher = createDecipheriv('aes-256-gcm', by, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(about))
          .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}

const KEY_BYTES = 32;

/** The key of a data folder, made once: whole and on the disk or not at all, though two servers start at the same time. */
function keyOf(dataFolder: string): Buffer {
  const path = join(dataFolder, 'sign-in.key');
  if (!existsSync(path)) {
    const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    writeFileSync(mine, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(mine, path);
    } catch {
      // Another server was first; its key is the one.
    }
    rmSync(mine);
  }
  const key = readFileSync(path);
  // A key that everybody could guess would open what it seals: better none.
  if (key.length < KEY_BYTES)
    throw bug(`${path} is damaged. Put it back from where it was kept, or remove it: authenticator apps are set up anew then.`);
  return key;
}
