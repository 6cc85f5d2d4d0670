import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { post } from './api.ts';

/** Passkeys of this browser. What speaks with it comes when it is asked for: pages before sign-in stay light. */
const webauthn = () => import('@simplewebauthn/browser');

/** Somebody turned away, or there is no passkey here: nothing to complain of. */
const turnedAway = (failure: unknown): null => {
  if (failure instanceof Error && ['NotAllowedError', 'AbortError'].includes(failure.name)) return null;
  throw failure;
};

/** Lets the browser make a passkey; null where its owner turned away. */
export async function makePasskey(): Promise<unknown> {
  const optionsJSON = await post<PublicKeyCredentialCreationOptionsJSON>('/sign-in/passkeys/options');
  return (await webauthn()).startRegistration({ optionsJSON }).catch(turnedAway);
}

/** Asks the browser for a passkey: to come in, or to prove who sits there. Null where nobody gave one. */
export async function askPasskey(path: '/session/passkey/options' | '/sign-in/proof/options'): Promise<unknown> {
  const optionsJSON = await post<PublicKeyCredentialRequestOptionsJSON>(path);
  return (await webauthn()).startAuthentication({ optionsJSON }).catch(turnedAway);
}
