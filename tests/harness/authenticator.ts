import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** An authenticator of passkeys in software, as a browser would speak of it: ES256, no attestation. */
export class Authenticator {
  private readonly pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly id = randomBytes(16).toString('base64url');
  private counter = 0;

  /** What a browser at `origin` gives when it was told to make a passkey. */
  make({ challenge, rp }: { challenge: string; rp: { id: string } }, origin: string): Record<string, unknown> {
    const { x = '', y = '' } = this.pair.publicKey.export({ format: 'jwk' });
    // COSE: 1 (kind): 2, 3 (algorithm): -7, -1 (curve): 1, -2: x, -3: y.
    const key = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), bytes(x), Buffer.from('225820', 'hex'), bytes(y)]);
    const credential = Buffer.from(this.id, 'base64url');
    const data = Buffer.concat([this.data(rp.id, 0x45), Buffer.alloc(16), Buffer.from([0, credential.length]), credential, key]);
    // CBOR: {"fmt": "none", "attStmt": {}, "authData": …}
    const attestation = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
      Buffer.from([0x58, data.length]),
      data,
    ]);
    return this.credential({
      clientDataJSON: told('webauthn.create', challenge, origin).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** What a browser at `origin` gives when it was asked for a passkey; `verified`: the owner showed finger, face or PIN. */
  give({ challenge, rpId }: { challenge: string; rpId: string }, origin: string, o: { verified?: boolean } = {}): Record<string, unknown> {
    this.counter++;
    const data = this.data(rpId, o.verified === false ? 0x01 : 0x05);
    const client = told('webauthn.get', challenge, origin);
    const signature = sign('sha256', Buffer.concat([data, createHash('sha256').update(client).digest()]), this.pair.privateKey);
    return this.credential({
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: signature.toString('base64url'),
    });
  }

  private data(rpId: string, flags: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count]);
  }
  private credential(response: Record<string, unknown>): Record<string, unknown> {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const told = (type: string, challenge: string, origin: string): Buffer => Buffer.from(JSON.stringify({ type, challenge, origin }));
